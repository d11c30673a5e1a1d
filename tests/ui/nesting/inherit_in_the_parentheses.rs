use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(inherit)]
    site: Site,
}

fn main() {}
