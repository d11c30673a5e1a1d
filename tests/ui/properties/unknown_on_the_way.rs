use deploy_core::prelude::*;

#[node]
struct Cache {
    name: String,
}

#[node]
struct Site {
    #[node]
    cache: Cache,
}

#[node]
struct Root {
    #[node(cach.name = "redis")]
    site: Site,
}

fn main() {}
