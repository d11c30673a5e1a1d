use deploy_core::prelude::*;

#[node]
struct Site {
    #[required]
    check: impl Fn() -> bool,
}

fn main() {}
