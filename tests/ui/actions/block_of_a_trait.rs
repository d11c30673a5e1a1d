use deploy_core::prelude::*;

trait Deploy {}

#[node]
struct Web {}

#[node]
impl Deploy for Web {}

fn main() {}
