use deploy_core::prelude::*;

#[node]
struct Site {}

#[node]
struct Root {
    #[node = "site"]
    site: Site,
}

fn main() {}
