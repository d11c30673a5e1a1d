use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(name = "de ploy")]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
