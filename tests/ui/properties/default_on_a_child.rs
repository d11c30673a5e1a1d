use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[node]
    #[required]
    service: Service,
}

fn main() {}
