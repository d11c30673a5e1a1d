use deploy_core::prelude::*;

#[node(main)]
struct Root {}

#[node]
impl Root {
    /// Copy a file.
    pub async fn copy(&self) -> Result {
        self.hosts().put("motd", "/etc/motd").await
    }
}
