use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(before)]
    pub async fn ask(&self, call: &Call) -> Result {
        bail!("not now: {}", call.path())
    }
}

fn main() {}
