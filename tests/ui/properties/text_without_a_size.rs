use deploy_core::prelude::*;

#[node]
struct Site {
    domain: str,
}

fn main() {}
