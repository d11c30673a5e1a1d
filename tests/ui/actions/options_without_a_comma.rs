use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    #[action(default lock)]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
