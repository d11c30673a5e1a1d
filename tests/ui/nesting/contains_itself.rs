use deploy_core::prelude::*;

#[node]
struct Root {
    #[node]
    inner: Root,
}

fn main() {}
