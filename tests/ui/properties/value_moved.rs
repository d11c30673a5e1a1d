use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    domain: String,
    #[node(domain = self.domain)]
    site: Site,
}

fn main() {}
