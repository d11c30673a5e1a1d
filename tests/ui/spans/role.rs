#![deny(non_snake_case)]

use deploy_core::prelude::*;

#[node(roles(Master))]
struct Database {}

fn main() {}
