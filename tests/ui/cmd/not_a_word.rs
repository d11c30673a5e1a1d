use deploy_core::prelude::*;

struct Port(u16);

fn main() {
    let port = Port(1);
    let _ = cmd!("echo {port}");
}
