use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node]
struct Root {
    #[node(map_roles(host = host))]
    site: Site,
}

fn main() {}
