use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
    #[default(self.domain.clone())]
    alias: String,
}

fn main() {}
