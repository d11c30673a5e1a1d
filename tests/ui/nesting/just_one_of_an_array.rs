use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
struct Root {
    #[node]
    web: JustOne<Array<Web>>,
}

fn main() {}
