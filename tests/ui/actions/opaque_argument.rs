use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn say(&self, text: impl Into<String>) -> Result {
        let _ = text;
        Ok(())
    }
}

fn main() {}
