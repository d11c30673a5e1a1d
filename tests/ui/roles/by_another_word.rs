use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(cache, web))]
struct Root {
    #[node]
    #[roles(host = cache)]
    service: Service,
}

fn main() {}
