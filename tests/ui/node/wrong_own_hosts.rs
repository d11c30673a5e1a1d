use deploy_core::prelude::*;

#[node(hosts = "web1")]
struct Web {}

fn main() {}
