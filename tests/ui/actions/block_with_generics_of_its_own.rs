use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl<S> Web<S> {
    pub async fn deploy(&self) -> Result {
        Ok(())
    }
}

fn main() {}
