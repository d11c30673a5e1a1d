use deploy_core::prelude::*;

#[node(roles(type))]
struct Site {}

fn main() {}
