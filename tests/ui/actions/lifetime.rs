use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub async fn deploy<'a>(&'a self, commit: &'a str) -> Result {
        self.hosts().run(cmd!("deploy {commit}")).await?;
        Ok(())
    }
}

fn main() {}
