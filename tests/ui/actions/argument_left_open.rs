use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commits: Vec<_>) -> Result {
        drop(commits);
        Ok(())
    }
}

fn main() {}
