use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn run(&self, units: Option<Vec<String>>) -> Result {
        drop(units);
        Ok(())
    }
}

fn main() {}
