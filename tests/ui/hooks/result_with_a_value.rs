use deploy_core::prelude::*;

#[node(main)]
struct Root {}

#[node]
impl Root {
    #[hook(before)]
    async fn tell(&self, _: &Call) -> Result<String> {
        Ok(String::new())
    }
}
