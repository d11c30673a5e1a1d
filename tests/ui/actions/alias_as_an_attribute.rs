use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[alias("ship")]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
