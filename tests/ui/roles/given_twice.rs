use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct System {
    #[node]
    #[hosts(host = ["a"], host = ["b"])]
    service: Service,
}

fn main() {}
