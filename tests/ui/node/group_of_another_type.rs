use deploy_core::prelude::*;

const CANARY: &str = "canary";

#[node]
struct Web {}

#[node]
struct Root {
    #[group(CANARY)]
    #[node]
    web: Web,
}

fn main() {}
