use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(name = "2to3")]
    #[action(name = "convert-it")]
    pub async fn convert(&self) -> Result {
        Ok(())
    }
}

fn main() {}
