use deploy_core::prelude::*;

#[node]
struct Service {
    name: String,
}

#[node(roles(web, db))]
struct Root {
    #[node(name = "nginx")]
    #[map_roles(host = web)]
    services: Vec<Service>,
}

fn main() {}
