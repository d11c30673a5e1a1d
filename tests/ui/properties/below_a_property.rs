use deploy_core::prelude::*;

#[node]
struct Service {
    name: String,
}

#[node]
struct Root {
    #[node(name.first = "redis")]
    cache: Service,
}

fn main() {}
