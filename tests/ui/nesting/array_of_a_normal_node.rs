use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[node]
    services: Array<Service>,
}

fn main() {}
