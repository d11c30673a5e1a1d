use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self, tag: Option<&str>) -> Result {
        drop(tag);
        Ok(())
    }
}

fn main() {}
