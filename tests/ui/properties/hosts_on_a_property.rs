use deploy_core::prelude::*;

#[node]
struct Root {
    #[hosts(host = ["web1"])]
    name: String,
}

fn main() {}
