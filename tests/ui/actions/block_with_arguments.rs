use deploy_core::prelude::*;

#[node]
struct Web {}

#[node(parallel)]
impl Web {}

fn main() {}
