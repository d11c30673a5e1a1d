use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {
    #[value(name = quick)]
    Fast,
    Slow,
}

fn main() {}
