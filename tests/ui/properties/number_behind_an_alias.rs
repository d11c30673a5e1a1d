use deploy_core::prelude::*;

type Port = u16;

#[node]
struct Web {
    #[default(80)]
    port: Port,
}

#[node]
struct Root {
    #[node(port = 8080)]
    web: Web,
}

fn main() {}
