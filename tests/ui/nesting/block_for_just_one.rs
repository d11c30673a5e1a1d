use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl JustOne<Web> {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
