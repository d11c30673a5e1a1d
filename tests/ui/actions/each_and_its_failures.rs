#![deny(unused_must_use)]
use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn restart(&self) -> Result {
        self.hosts().each(async |host| host.run("restart").await).await;
        Ok(())
    }
}

fn main() {}
