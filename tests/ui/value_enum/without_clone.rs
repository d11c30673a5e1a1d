use deploy_core::prelude::*;

#[derive(ValueEnum)]
enum Mode {
    Fast,
    Safe,
}

fn main() {}
