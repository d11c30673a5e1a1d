use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(main_db: One, other_db))]
struct Root {
    #[node]
    #[map_roles(master = main_db, replica = other_db.clone())]
    database: Database,
}

fn main() {}
