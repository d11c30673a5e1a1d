use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, _commit: String) -> Result {
        Ok(())
    }
}

#[node]
impl Array<Web> {
    pub async fn all(&self) -> Result<PerHost<()>> {
        self.deploy(5).await
    }
}

fn main() {}
