use deploy_core::prelude::*;

#[parallel]
#[node]
struct Web {}

#[node]
struct Root {
    #[node]
    web: Array<Web>,
}

fn main() {}
