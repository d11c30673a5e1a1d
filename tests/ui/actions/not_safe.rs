use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async unsafe fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
