use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Strategy {
    Rolling,
    Batch(u8),
}

fn main() {}
