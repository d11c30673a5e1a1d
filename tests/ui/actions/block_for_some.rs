use deploy_core::prelude::*;

#[node]
struct Web<S: Send + Sync + 'static> {}

#[node]
impl Web<u8> {
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
