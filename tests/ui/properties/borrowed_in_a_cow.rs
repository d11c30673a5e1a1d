use deploy_core::prelude::*;
use std::borrow::Cow;

#[node]
struct Site {
    domain: Cow<str>,
}

fn main() {}
