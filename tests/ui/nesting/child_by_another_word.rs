use deploy_core::prelude::*;

#[node]
struct Service {
    #[required]
    name: String,
}

#[node]
struct Root {
    #[child(name = "nginx")]
    service: Service,
}

fn main() {}
