use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, strategy: Missing) -> Result {
        Ok(drop(strategy))
    }
}

fn main() {}
