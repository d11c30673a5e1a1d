use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, (a, b): (u8, u8)) -> Result {
        Ok(drop((a, b)))
    }
}

fn main() {}
