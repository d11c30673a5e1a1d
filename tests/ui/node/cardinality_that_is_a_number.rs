use deploy_core::prelude::*;

#[node(roles(master: 1, replica))]
struct Database {}

fn main() {}
