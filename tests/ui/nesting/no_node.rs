use deploy_core::prelude::*;

#[node]
struct Root {
    #[node]
    name: String,
}

fn main() {}
