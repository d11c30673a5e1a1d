use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self) {
        self.hosts().run("deploy").await?;
        Ok(())
    }

    pub async fn deploy_twice(&self) -> Result {
        self.deploy().await?;
        self.deploy().await
    }
}

fn main() {}
