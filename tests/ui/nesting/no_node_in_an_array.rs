use deploy_core::prelude::*;

#[node]
struct Root {
    #[node]
    names: Array<String>,
}

fn main() {}
