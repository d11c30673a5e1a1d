use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(alias = "d")]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }

    #[action(alias = "d")]
    pub async fn destroy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
