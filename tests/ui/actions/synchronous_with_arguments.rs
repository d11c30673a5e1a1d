use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub fn deploy(&self, commit: String) -> Result {
        Ok(drop(commit))
    }
}

fn main() {}
