use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Box<Web> {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
