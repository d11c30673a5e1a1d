use deploy_core::prelude::*;

fn main() {
    let name = "a";
    let _ = Host::local().run(format!("echo {name}"));
}
