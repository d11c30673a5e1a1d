use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(aliases = "d")]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
