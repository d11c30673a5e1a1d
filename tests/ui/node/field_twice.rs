use deploy_core::prelude::*;

#[node]
struct Site {
    name: String,
    name: u16,
}

fn main() {}
