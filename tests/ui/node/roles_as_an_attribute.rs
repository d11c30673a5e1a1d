use deploy_core::prelude::*;

#[node]
#[roles(master: One, replica)]
struct Database {}

fn main() {}
