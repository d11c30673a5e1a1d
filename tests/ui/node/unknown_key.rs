use deploy_core::prelude::*;

#[node(paralel)]
struct Web {}

fn main() {}
