use deploy_core::prelude::*;

#[node]
struct Site {
    #[default]
    port: u16,
}

fn main() {}
