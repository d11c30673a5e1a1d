use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String
    #[required]
    port: u16,
}

#[node]
struct Root {
    #[node(domain = "example.com", port = 80)]
    site: Site,
}

fn main() {}
