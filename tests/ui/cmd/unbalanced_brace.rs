use deploy_core::prelude::*;

fn main() {
    let _ = cmd!("awk {print}} f");
}
