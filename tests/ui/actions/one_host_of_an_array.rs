use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Array<Web> {
    #[action(one_host)]
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
