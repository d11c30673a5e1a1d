use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
struct Root {
    #[node]
    webs: Array<Array<Web>>,
}

fn main() {}
