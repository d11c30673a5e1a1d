use deploy_core::prelude::*;

#[node]
struct Web<'a> {
    name: &'a str,
}

fn main() {}
