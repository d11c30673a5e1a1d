use deploy_core::prelude::*;

#[node]
struct Service {}

#[node(roles(master_db: One, slave_db))]
struct System {
    #[node]
    #[map_roles(host = [master_db, slavedb])]
    service: Service,
}

fn main() {}
