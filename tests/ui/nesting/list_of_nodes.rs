use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
struct Root {
    #[node]
    web: Vec<Web>,
}

fn main() {}
