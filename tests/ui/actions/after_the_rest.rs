use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, tags: Vec<String>, commit: String) -> Result {
        Ok(drop((tags, commit)))
    }
}

fn main() {}
