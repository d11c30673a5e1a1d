use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(cache))]
struct System {
    #[node]
    #[map_roles(host = cache)]
    #[hosts(host = ["cache"])]
    service: Service,
}

fn main() {}
