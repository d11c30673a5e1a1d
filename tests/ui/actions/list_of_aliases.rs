use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    #[action(alias = ["start", "begin"])]
    pub async fn run(&self) -> Result {
        Ok(())
    }
}

fn main() {}
