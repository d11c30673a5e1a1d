use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: str) -> Result {
        drop(commit);
        Ok(())
    }
}

fn main() {}
