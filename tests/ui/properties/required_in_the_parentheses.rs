use deploy_core::prelude::*;

#[node]
struct Site {
    #[node(required)]
    domain: String,
}

fn main() {}
