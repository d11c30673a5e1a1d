use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(domain =)]
    site: Site,
}

fn main() {}
