use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {
    #[value(alias = "slow")]
    Fast,
    Slow,
}

fn main() {}
