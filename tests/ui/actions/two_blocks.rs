use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {}

#[node]
impl Web {}

fn main() {}
