use deploy_core::prelude::*;

#[node]
struct Web(String);

fn main() {}
