use deploy_core::prelude::*;

#[node(main)]
struct Root {
    #[default(80)]
    port: u16,
}

#[node]
impl Root {
    /// Use another port.
    pub async fn change(&self) -> Result {
        self.port = 81;
        Ok(())
    }
}
