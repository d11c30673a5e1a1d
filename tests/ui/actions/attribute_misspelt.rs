use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    #[actions(default)]
    pub async fn run(&self) -> Result {
        Ok(())
    }
}

fn main() {}
