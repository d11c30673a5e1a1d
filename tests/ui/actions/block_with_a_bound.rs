use deploy_core::prelude::*;

trait Stage: Send + Sync + 'static {}

#[node]
struct Web<S> {}

#[node]
impl<S: Stage> Web<S> {
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
