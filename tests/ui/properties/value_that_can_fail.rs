use deploy_core::prelude::*;

#[node]
struct Site {
    port: u16,
}

#[node]
struct Root {
    #[node(port = "80".parse()?)]
    site: Site,
}

fn main() {}
