use deploy_core::prelude::*;

fn restart() -> Cmd {
    cmd!("")
}

fn main() {}
