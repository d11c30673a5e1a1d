use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, _force: bool, force: bool) -> Result {
        Ok(drop(force))
    }
}

fn main() {}
