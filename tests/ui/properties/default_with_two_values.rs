use deploy_core::prelude::*;

#[node]
struct Site {
    #[default("a", "b")]
    domain: String,
}

fn main() {}
