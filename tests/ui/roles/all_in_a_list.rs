use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(web))]
struct Root {
    #[node]
    #[map_roles(host = [ALL, web])]
    service: Service,
}

fn main() {}
