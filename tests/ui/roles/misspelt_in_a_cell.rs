use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node(parallel)]
struct Outer {
    #[node]
    #[map_roles(host = hots)]
    web: Web,
}

fn main() {}
