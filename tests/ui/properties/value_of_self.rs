use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(self.domain = "example.com")]
    site: Site,
}

fn main() {}
