use deploy_core::prelude::*;

#[node]
#[derive(Debug, Clone)]
struct Site {}

fn main() {}
