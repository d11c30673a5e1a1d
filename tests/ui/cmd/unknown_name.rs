use deploy_core::prelude::*;

fn main() {
    let url = "a";
    let _ = cmd!("git clone {utl}");
    drop(url);
}
