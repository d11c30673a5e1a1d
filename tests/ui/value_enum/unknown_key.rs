use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {
    #[value(nmae = "quick")]
    Fast,
}

fn main() {}
