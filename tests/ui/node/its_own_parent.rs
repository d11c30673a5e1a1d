use deploy_core::prelude::*;

#[node(parent = Web)]
struct Web {}

fn main() {}
