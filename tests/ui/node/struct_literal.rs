use deploy_core::prelude::*;

#[node]
pub struct Site {
    name: String,
}

pub fn site() -> Site {
    Site { name: "x".to_owned() }
}

fn main() {}
