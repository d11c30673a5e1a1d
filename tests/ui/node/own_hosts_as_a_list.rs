use deploy_core::prelude::*;

#[node(roles(web, db), hosts = ["web1", "db1"])]
struct Site {}

fn main() {}
