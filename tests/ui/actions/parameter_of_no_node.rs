use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl<S> Web {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
