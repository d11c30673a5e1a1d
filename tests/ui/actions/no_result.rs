use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self) -> String {
        String::new()
    }
}

fn main() {}
