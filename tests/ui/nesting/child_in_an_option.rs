use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[node]
    service: Option<Service>,
}

fn main() {}
