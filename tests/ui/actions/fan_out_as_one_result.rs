use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn version(&self) -> Result<String> {
        Ok("1".to_owned())
    }
}

async fn ask(web: &Array<Web>) -> Result<String> {
    web.version().await
}

fn main() {}
