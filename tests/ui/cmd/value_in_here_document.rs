use deploy_core::prelude::*;

fn main() {
    let x = "a";
    let _ = cmd!("cat <<EOF\n{x}\nEOF\n");
}
