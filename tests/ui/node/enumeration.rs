use deploy_core::prelude::*;

#[node]
enum Web {
    One,
}

fn main() {}
