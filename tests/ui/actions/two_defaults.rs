use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(default)]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }

    #[action(default)]
    pub async fn destroy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
