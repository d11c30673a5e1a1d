use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Speed {
    Fast,
    Slow,
}

fn main() {}
