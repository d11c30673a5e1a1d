use deploy_core::prelude::*;

#[node]
struct Site {
    #[action]
    domain: String,
}

fn main() {}
