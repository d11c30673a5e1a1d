use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(web))]
struct Root {
    #[node]
    #[map_roles(host = all)]
    service: Service,
}

fn main() {}
