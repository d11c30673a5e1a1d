use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&'static self) -> Result {
        Ok(())
    }
}

fn main() {}
