use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self) -> Result<(), Error, u8> {
        Ok(())
    }
}

fn main() {}
