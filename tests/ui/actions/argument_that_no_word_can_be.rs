use deploy_core::prelude::*;

pub struct Commit;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: Commit) -> Result {
        Ok(drop(commit))
    }
}

fn main() {}
