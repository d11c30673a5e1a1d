use deploy_core::prelude::*;

#[node]
struct Site<S> {
    name: String,
}

#[node]
impl<S> Site<S> {
    pub async fn deploy(&self, commit: Option<Comit>) -> Result {
        Ok(())
    }
}

fn main() {}
