use deploy_core::prelude::*;

#[node]
struct Web {
    #[default(80)]
    name: String,
}

fn main() {}
