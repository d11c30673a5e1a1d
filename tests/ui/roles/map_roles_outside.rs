use deploy_core::prelude::*;

#[map_roles(host = cache)]
struct System {}

fn main() {}
