use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, tag: Option<String>, commit: String) -> Result {
        Ok(drop((tag, commit)))
    }
}

fn main() {}
