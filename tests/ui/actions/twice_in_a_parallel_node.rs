use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Web {
    pub async fn start(&self) -> Result {
        Ok(())
    }
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
