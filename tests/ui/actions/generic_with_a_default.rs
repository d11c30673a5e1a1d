use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy<T: ToString>(&self, commit: T, #[default(3)] tries: u8) -> Result {
        Ok(drop((commit, tries)))
    }
}

fn main() {}
