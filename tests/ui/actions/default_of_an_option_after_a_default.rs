use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, #[default(1)] at: u8, #[default(Some(3))] of: Option<u8>) -> Result {
        Ok(drop((at, of)))
    }
}

fn main() {}
