use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Array<Service> {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
