use deploy_core::prelude::*;

#[node]
struct Site {
    #[required]
    #[default("x")]
    domain: String,
}

fn main() {}
