use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node(roles(main_db: One, other_db))]
struct Root {
    #[node]
    #[map_roles(master = amin_db, replica = other_db)]
    database: Database,
}

fn main() {}
