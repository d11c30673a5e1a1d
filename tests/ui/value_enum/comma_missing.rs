use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {
    Fast
    Slow,
}

fn main() {}
