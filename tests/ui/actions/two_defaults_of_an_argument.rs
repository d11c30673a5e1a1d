use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn scale(&self, #[default(1)] #[default(2)] by: u16) -> Result {
        self.hosts().run(cmd!("scale {by}")).await?;
        Ok(())
    }
}

fn main() {}
