use deploy_core::prelude::*;

#[node]
struct Site {
    domain: String,
}

#[node(roles(web))]
struct Root {
    #[node(domian = "example.com")]
    #[map_roles(host = wbe)]
    site: Site,
}

fn main() {}
