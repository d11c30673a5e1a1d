use deploy_core::prelude::*;

#[node(parallel = true)]
struct Web {}

fn main() {}
