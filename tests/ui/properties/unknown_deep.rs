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
    #[node(cache.nmae = "redis")]
    site: Site,
}

fn main() {}
