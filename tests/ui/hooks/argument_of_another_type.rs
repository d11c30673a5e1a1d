use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(failed)]
    async fn tell(&self, _: &Call, _: &String) -> Result {
        Ok(())
    }
}

fn main() {}
