use deploy_core::prelude::*;

#[node(roles(db))]
struct Database {}

#[node(roles(web), hosts = DatabaseRoles { db: Host::local().into() })]
struct Web {}

fn main() {}
