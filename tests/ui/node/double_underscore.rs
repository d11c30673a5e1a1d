use deploy_core::prelude::*;

#[node]
struct Web {
    __name: String,
}

fn main() {}
