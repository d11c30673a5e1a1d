use deploy_core::prelude::*;

fn main() {
    let _ = cmd!("echo 'a");
}
