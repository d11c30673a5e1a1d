use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {
    #[value = "quick"]
    Fast,
    Slow,
}

fn main() {}
