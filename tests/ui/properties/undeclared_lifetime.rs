use deploy_core::prelude::*;

#[node]
struct Site {
    domain: &'a str,
}

fn main() {}
