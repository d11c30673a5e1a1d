use deploy_core::prelude::*;

fn clone(url: &str) -> Cmd {
    cmd!("git clone {}", url)
}

fn main() {}
