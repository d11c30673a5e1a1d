use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn run(&self) -> Result {
        self.hosts().run("true")?;
        Ok(())
    }
}

fn main() {}
