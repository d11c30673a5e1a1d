use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    #[action(name = start)]
    pub async fn begin(&self) -> Result {
        Ok(())
    }
}

fn main() {}
