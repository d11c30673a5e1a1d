use deploy_core::prelude::*;

#[node]
struct Right {}

#[node(parent = Right)]
struct Child {}

#[node]
struct Wrong {
    #[node]
    child: Child,
}

fn main() {}
