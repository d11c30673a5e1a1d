use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self) -> Result {
        let x: u8 = "a";
        Ok(drop(x))
    }
}

fn main() {}
