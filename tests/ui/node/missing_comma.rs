use deploy_core::prelude::*;

#[node(parallel roles(queue))]
struct Web {}

fn main() {}
