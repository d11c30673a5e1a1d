use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
struct Root {
    #[node]
    web: dyn Node,
}

fn main() {}
