use deploy_core::prelude::*;

struct Root {}

impl Root {
    #[hook(before)]
    async fn ask(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
