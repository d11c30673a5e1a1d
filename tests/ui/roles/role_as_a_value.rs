use deploy_core::prelude::*;

#[node]
struct Service {
    name: String,
}

#[node(roles(cache, web))]
struct Root {
    #[node(name = "redis", host = cache)]
    service: Service,
}

fn main() {}
