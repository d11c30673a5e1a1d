use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn list(&self) -> Result<impl Iterator<Item = u8>> {
        Ok([1].into_iter())
    }
}

fn main() {}
