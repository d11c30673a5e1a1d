use deploy_core::prelude::*;

#[node]
struct Site {
    #[default("x")]
    #[default("y")]
    domain: String,
}

fn main() {}
