use deploy_core::prelude::*;

#[derive(Clone)]
#[node]
struct Service {
    name: String,
}

fn main() {}
