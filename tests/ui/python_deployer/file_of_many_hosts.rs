use deploy_core::prelude::*;

#[node(main)]
struct Root {}

#[node]
impl Root {
    /// Write a file.
    pub async fn write(&self) -> Result {
        self.hosts().write_file("/etc/motd", "hello").await
    }
}
