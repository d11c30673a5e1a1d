use deploy_core::prelude::*;

#[node(roles(master:, replica))]
struct Database {}

fn main() {}
