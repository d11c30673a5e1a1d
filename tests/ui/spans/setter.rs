use deploy_core::prelude::*;

#[node]
struct Web {
    #[required]
    port: u16,
}

fn main() {
    let _ = Web::builder().port();
}
