use deploy_core::prelude::*;

fn main() {
    let command = "echo";
    let _ = cmd!(command);
}
