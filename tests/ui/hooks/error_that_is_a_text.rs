use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(before)]
    async fn check(&self, call: &Call) -> Result<(), String> {
        Ok(drop(call))
    }
}

fn main() {}
