use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[inherit(start, stop)]
    #[node]
    service: Service,
}

fn main() {}
