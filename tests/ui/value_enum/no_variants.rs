use deploy_core::prelude::*;

#[derive(Clone, ValueEnum)]
enum Speed {}

fn main() {}
