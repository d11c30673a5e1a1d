use deploy_core::prelude::*;

#[node]
struct Web {
    directory: String,
}

#[node]
struct Root {
    #[node(path = "/srv")]
    web: Web,
}

fn main() {}
