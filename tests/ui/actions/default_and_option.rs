use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, #[default(1)] times: Vec<u8>) -> Result {
        Ok(drop(times))
    }
}

fn main() {}
