use deploy_core::prelude::*;

#[node]
struct Web<'a> {}

#[node]
impl<'a> Web<'a> {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

fn main() {}
