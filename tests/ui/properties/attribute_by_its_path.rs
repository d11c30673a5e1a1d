use deploy_core::prelude::*;

#[node]
struct Site {
    #[deploy_core::required]
    domain: String,
}

fn main() {}
