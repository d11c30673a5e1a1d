use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
struct Root {
    #[inherit]
    #[node]
    web: Array<Web>,
}

fn main() {}
