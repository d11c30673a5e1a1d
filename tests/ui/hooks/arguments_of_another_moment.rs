use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(after)]
    async fn tell(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
