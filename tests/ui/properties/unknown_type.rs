use deploy_core::prelude::*;

#[node(parallel)]
struct Site {
    domain: Option<Domain>,
    #[node]
    part: Part,
}

#[node]
struct Part {}

fn main() {}
