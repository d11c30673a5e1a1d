use deploy_core::prelude::*;

#[node]
struct Root {
    build: String,
}

fn main() {}
