use deploy_core::prelude::*;

#[node(parallel)]
struct Web<S> {}

#[node]
impl<S> Array<Web<S>>
where
    S: Clone,
{
    pub async fn deploy_all(&self) -> Result {
        Ok(())
    }
}

fn main() {}
