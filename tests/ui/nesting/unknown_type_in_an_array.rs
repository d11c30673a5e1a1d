use deploy_core::prelude::*;

#[node]
struct Root {
    #[node]
    web: Array<Web>,
}

fn main() {}
