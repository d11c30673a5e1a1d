use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[inherit]
    #[node]
    first: Service,
    #[inherit]
    #[node]
    second: Service,
}

fn main() {}
