use deploy_core::prelude::*;

#[node]
struct Web {
    branch: String,
}

#[node]
impl Web {
    pub async fn deploy(&self, #[default(self.branch.clone())] branch: String) -> Result {
        drop(branch);
        Ok(())
    }
}

fn main() {}
