use deploy_core::prelude::*;

#[node]
struct Site {}

#[node]
struct Root {
    #[group("production")]
    #[node]
    site: Site,
}

fn main() {}
