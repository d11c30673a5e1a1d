use deploy_core::prelude::*;

#[node(parallel)]
struct Web {}

#[node]
impl Array<Web> {
    #[hook(before)]
    async fn ask(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
