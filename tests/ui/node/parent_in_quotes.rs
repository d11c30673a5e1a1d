use deploy_core::prelude::*;

#[node(parent = "Root")]
struct Site {}

fn main() {}
