use deploy_core::prelude::*;

#[derive(Default)]
struct Key;

#[node]
struct Site {
    key: Key,
}

fn main() {}
