use deploy_core::prelude::*;

#[node]
#[node(parallel)]
struct Site {}

fn main() {}
