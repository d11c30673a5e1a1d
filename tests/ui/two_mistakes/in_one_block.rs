use deploy_core::prelude::*;

struct Commit;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, commit: &str) -> Result {
        drop(commit.len());
        Ok(())
    }
    pub async fn show(&self) -> Result<Commit> {
        Ok(Commit)
    }
}

fn main() {}
