use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action = "2to3"]
    pub async fn convert(&self) -> Result {
        Ok(())
    }
}

fn main() {}
