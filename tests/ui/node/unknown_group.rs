use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[group(prodution)]
    #[node]
    service: Service,
}

fn main() {}
