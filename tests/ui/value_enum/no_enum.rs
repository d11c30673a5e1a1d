use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
struct Strategy {
    name: String,
}

fn main() {}
