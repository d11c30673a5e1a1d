use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(build = "example.com")]
    site: Site,
}

fn main() {}
