use deploy_core::prelude::*;

#[node]
struct Web {
    name String,
}

fn main() {}
