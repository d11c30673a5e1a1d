use deploy_core::prelude::*;

#[node]
#[hosts(host = ["web1"])]
struct Site {}

fn main() {}
