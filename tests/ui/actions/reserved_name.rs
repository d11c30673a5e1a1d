use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn hosts(&self) -> Result {
        Ok(())
    }
}

fn main() {}
