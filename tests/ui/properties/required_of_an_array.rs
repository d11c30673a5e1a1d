use deploy_core::prelude::*;

#[node(parallel)]
struct Site {
    #[required]
    domain: String,
}

#[node]
struct Root {
    #[node]
    sites: Array<Site>,
}

fn main() {}
