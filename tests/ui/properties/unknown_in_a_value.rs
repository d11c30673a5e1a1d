use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    domain: String,
    #[node(domain = format!("www.{}", self.domian))]
    site: Site,
}

fn main() {}
