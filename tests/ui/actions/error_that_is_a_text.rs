use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn run(&self) -> Result<(), String> {
        Err("no".to_owned())
    }
}

fn main() {}
