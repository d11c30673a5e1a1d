use deploy_core::prelude::*;

#[node(roles(master, replica, master))]
struct Database {}

fn main() {}
