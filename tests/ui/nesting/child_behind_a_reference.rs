use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
struct Root {
    #[node]
    web: &'static Web,
}

fn main() {}
