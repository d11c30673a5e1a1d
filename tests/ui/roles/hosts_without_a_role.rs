use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(main_db: One, other_db))]
struct Root {
    #[node]
    #[hosts("db[1-3]")]
    database: Database,
}

fn main() {}
