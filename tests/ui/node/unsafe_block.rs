use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
unsafe impl Web {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
