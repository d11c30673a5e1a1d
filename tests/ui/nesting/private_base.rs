use deploy_core::prelude::*;

#[node]
struct Unit {}

#[node]
pub struct Site {
    #[inherit]
    #[node]
    base: Unit,
}

fn main() {}
