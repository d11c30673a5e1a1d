use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn get(&self) -> Result {
        Ok(())
    }
}

fn main() {}
