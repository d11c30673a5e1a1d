use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn start(&self) -> Result {
        self.host().run("true").await?;
        Ok(())
    }
}

fn main() {}
