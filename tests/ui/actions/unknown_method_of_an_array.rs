use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn restart(&self) -> Result {
        Ok(())
    }
}

#[node]
impl Array<Web> {
    pub async fn restart_all(&self) -> Result {
        self.restrt().await?;
        Ok(())
    }
}
fn main() {}
