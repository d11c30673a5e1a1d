use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(main_db: One, other_db))]
struct Root {
    #[node]
    #[map_roles(main_db = master, other_db = replica)]
    database: Database,
}

fn main() {}
