use deploy_core::prelude::*;

#[node]
struct Site {
    #[default("eighty")]
    port: u16,
}

fn main() {}
