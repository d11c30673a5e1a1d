use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(parallel)]
    site: Site,
}

fn main() {}
