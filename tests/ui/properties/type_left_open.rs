use deploy_core::prelude::*;

#[node]
struct Site {
    #[default(vec!["a".to_owned()])]
    domains: Vec<_>,
}

fn main() {}
