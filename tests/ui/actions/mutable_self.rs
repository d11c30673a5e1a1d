use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&mut self) -> Result {
        Ok(())
    }
}

fn main() {}
