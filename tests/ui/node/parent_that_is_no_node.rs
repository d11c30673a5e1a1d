use deploy_core::prelude::*;

struct Settings;

#[node(parent = Settings)]
struct Backup {}

fn main() {}
