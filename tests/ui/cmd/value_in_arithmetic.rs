use deploy_core::prelude::*;

fn main() {
    let x = 1;
    let _ = cmd!("echo $(( {x} + 1 ))");
}
