use deploy_core::prelude::*;

pub struct Commit;

impl std::str::FromStr for Commit {
    type Err = String;
    fn from_str(_: &str) -> Result<Self, String> { Ok(Commit) }
}

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: Commit) -> Result {
        Ok(drop(commit))
    }
}

fn main() {}
