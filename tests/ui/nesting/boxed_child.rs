use deploy_core::prelude::*;

#[node]
struct Service {
    name: String,
}

#[node]
struct Web {
    #[node]
    service: Box<Service>,
}

#[node]
struct Root {
    #[node(service.name = "nginx")]
    web: Web,
}

fn main() {}
