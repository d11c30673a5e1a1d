use deploy_core::prelude::*;

#[node(main, roles(master, replica))]
struct Root {}

#[node]
impl Root {
    /// Restart the master.
    pub async fn restart(&self) -> Result {
        self.roles().mastre.run("systemctl restart db").await?;
        Ok(())
    }
}
