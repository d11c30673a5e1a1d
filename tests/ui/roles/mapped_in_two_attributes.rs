use deploy_core::prelude::*;

#[node(roles(master, replica))]
struct Database {}

#[node(roles(first, others))]
struct Root {
    #[node]
    #[map_roles(master = first)]
    #[map_roles(replica = others)]
    database: Database,
}

fn main() {}
