use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(master, slave_db))]
struct System {
    #[node]
    database: Database,
}

fn main() {}
