use deploy_core::prelude::*;

#[node]
struct Web {
    #[cfg(unix)]
    name: String,
}

fn main() {}
