use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct System {
    #[node]
    #[hosts(host = [22])]
    service: Service,
}

fn main() {}
