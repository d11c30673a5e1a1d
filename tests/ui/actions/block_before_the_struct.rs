use deploy_core::prelude::*;

#[node]
impl Web {}

#[node]
struct Web {}

fn main() {}
