use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy(&self) -> Result {
        self.restart().await
    }

    pub fn restart(&self) -> Result {
        self.hosts().run(cmd!("systemctl restart web")).await?;
        Ok(())
    }
}

fn main() {}
