use deploy_core::prelude::*;

#[node(roles(master: Single))]
struct Database {}

fn main() {}
