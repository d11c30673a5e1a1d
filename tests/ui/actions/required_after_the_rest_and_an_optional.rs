use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, a: Option<u8>, tags: Vec<String>, force: bool, b: String) -> Result {
        Ok(drop((a, tags, force, b)))
    }
}

fn main() {}
