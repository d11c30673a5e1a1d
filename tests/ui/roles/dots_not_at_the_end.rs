use deploy_core::prelude::*;

#[node(roles(master: One, replica))]
struct Database {}

#[node]
struct System {
    #[node]
    #[hosts(.., master = ["db1"])]
    database: Database,
}

fn main() {}
