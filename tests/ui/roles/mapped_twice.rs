use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(cache, queue))]
struct System {
    #[node]
    #[map_roles(host = cache, host = queue)]
    service: Service,
}

fn main() {}
