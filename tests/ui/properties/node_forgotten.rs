use deploy_core::prelude::*;

#[node]
struct Site {}

#[node]
struct Root {
    site: Site,
}

fn main() {}
