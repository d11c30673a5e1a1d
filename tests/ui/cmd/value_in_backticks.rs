use deploy_core::prelude::*;

fn main() {
    let x = "a";
    let _ = cmd!("echo `ls {x}`");
}
