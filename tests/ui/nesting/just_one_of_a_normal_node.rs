use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
struct Root {
    #[node]
    service: JustOne<Service>,
}

fn main() {}
