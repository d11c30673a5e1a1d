use deploy_core::prelude::*;

#[node]
struct Site {
    #[required]
    domain: String,
    #[default(80)]
    port: u16,
}

#[node]
struct Root {
    #[node(domain)]
    site: Site,
}

fn main() {}
