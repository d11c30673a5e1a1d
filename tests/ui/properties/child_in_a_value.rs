use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node]
    first: Site,
    #[node(domain = self.first.domain.clone())]
    second: Site,
}

fn main() {}
