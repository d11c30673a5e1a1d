use deploy_core::prelude::*;

#[node]
fn web() {}

fn main() {}
