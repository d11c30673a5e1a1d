use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles = [web, db])]
struct Root {
    #[node]
    #[map_roles(host = [web, db])]
    service: Service,
}

fn main() {}
