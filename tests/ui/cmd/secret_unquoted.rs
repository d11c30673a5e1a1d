use deploy_core::prelude::*;

fn login(password: Secret) -> Cmd {
    cmd!("login {password:raw}")
}

fn main() {}
