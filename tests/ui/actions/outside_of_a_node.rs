use deploy_core::prelude::*;

#[node]
struct Service {}

impl Service {
    #[action(default)]
    pub async fn run(&self) -> Result {
        Ok(())
    }
}

fn main() {}
