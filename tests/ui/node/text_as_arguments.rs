use deploy_core::prelude::*;

#[node = "parallel"]
struct Web {
    name: String,
}

fn main() {}
