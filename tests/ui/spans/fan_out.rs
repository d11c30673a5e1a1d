use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: String) -> Result {
        self.host().run(cmd!("deploy {commit}")).await?;
        Ok(())
    }
}

async fn all(web: &Array<Web>) -> Result {
    web.deploy().await?;
    Ok(())
}

fn main() {}
