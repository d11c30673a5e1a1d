use deploy_core::prelude::*;

#[node]
struct Unit {}

#[node]
struct App {
    #[node]
    unit: Unit,
}

#[node]
struct Site {
    #[node]
    app: App,
}

#[node]
struct Root { #[node(app.unit = "web")] site: Site }
fn main() {}
