use deploy_core::prelude::*;

#[node(main)]
struct Root {}

#[node]
impl Root {
    /// Say hello.
    pub async fn hello(&self) -> Result {
        Ok(())
    }
}

async fn hello() -> Result {
    Root::builder().build().hello().await
}
