use deploy_core::prelude::*;

#[node]
struct Site {
    #[required]
    check: dyn Fn() -> bool,
}

fn main() {}
