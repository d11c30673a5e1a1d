use deploy_core::prelude::*;

#[node(roles("web", "db"))]
struct Site {}

fn main() {}
