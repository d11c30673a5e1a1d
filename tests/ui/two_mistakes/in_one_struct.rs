use deploy_core::prelude::*;

#[node]
struct Site {
    #[required]
    domain: String,
}

#[node(roles(web))]
struct Root {
    #[node]
    #[map_roles(host = web)]
    #[grup(staging)]
    site: Site,
}

fn main() {}
