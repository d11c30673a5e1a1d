use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn scale(&self, #[defualt(3)] to: u16) -> Result<u16> {
        Ok(to)
    }
}

fn main() {}
