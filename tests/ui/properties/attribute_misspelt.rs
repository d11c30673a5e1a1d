use deploy_core::prelude::*;

#[node]
struct Site {
    #[requird]
    domain: String,
}

fn main() {}
