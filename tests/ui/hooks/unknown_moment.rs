use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(befor)]
    async fn ask(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
