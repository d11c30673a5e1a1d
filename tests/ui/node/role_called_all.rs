use deploy_core::prelude::*;

#[node(roles(ALL))]
struct Web {}

fn main() {}
