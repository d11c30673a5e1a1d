use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook("before")]
    async fn announce(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
