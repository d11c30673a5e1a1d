use deploy_core::prelude::*;

mod paths {
    pub const HOME: &str = "/srv";
}

fn list() -> Cmd {
    cmd!("ls {paths::HOME}")
}

fn main() {}
