use deploy_core::prelude::*;

#[node(parallel, roles(host, queue))]
struct Web {}

fn main() {}
