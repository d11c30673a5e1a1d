use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy<T>(&self, commit: T) -> Result {
        Ok(drop(commit))
    }
}

fn main() {}
