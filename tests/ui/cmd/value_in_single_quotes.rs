use deploy_core::prelude::*;

fn main() {
    let x = "a";
    let _ = cmd!("sh -c 'echo {x}'");
}
