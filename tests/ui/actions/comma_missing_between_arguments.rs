use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self commit: String) -> Result {
        drop(commit);
        Ok(())
    }
}

fn main() {}
