use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(alias = "d")]
    async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
