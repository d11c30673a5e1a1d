use deploy_core::prelude::*;

pub struct Commit;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn commit(&self) -> Result<Commit> {
        Ok(Commit)
    }
}

fn main() {}
