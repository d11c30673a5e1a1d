use deploy_core::prelude::*;

#[node]
struct Right {}

#[node(parent = Right)]
struct Child {}

fn main() {
    let _ = Child::builder().build().bind(&Env::quiet());
}
