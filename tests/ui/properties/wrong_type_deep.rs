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
    #[node(cache.name = 5)]
    site: Site,
}

fn main() {}
