use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(master_db: One, slave_db))]
struct System {
    #[node]
    #[map_roles(master = master_db, replica = slave_dbs)]
    database: Database,
}

fn main() {}
