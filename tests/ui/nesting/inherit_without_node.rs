use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[inherit]
    service: Service,
}

fn main() {}
