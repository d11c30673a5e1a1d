use deploy_core::prelude::*;

#[node(hosts)]
struct Web {}

fn main() {}
