use deploy_core::prelude::*;

#[node]
struct Site {}

#[node]
struct Root {
    site: Site,
    #[node]
    other: Site,
}

fn main() {}
