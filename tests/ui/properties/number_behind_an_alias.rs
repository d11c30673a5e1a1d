use deploy_core::prelude::*;

type Port = u16;

#[node]
struct Web {
    #[default(80)]
    port: Port,
}

fn main() {}
