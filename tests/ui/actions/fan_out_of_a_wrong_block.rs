use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: &str) -> Result {
        Ok(drop(commit))
    }

    pub async fn stop(&self) -> Result { Ok(()) }
}

async fn all(webs: &Array<Web>) -> Result {
    webs.deploy("4f2c9e1").await?;
    webs.stop().await.map(drop)
}

fn main() {}
