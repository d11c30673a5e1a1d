use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
struct Root {
    #[node]
    web: Web,
}

fn main() {}
