use deploy_core::prelude::*;

#[node(roles(db))]
struct Part<T: Send + Sync + 'static> {}

#[node(roles(web))]
struct Site<T: Send + Sync + 'static> {
    #[node]
    part: Part<T>,
}

#[node]
struct Root {
    #[node]
    #[map_roles(web = host)]
    site: Site<u8>,
}

fn main() {}
