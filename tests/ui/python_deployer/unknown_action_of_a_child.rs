use deploy_core::prelude::*;

#[node]
struct Service {}

#[node]
impl Service {
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

#[node(main)]
struct Root {
    #[node]
    service: Service,
}

async fn f(root: &Root) -> Result {
    root.service.strat().await
}
