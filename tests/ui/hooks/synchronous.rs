use deploy_core::prelude::*;

#[node]
struct Root {}

#[node]
impl Root {
    #[hook(before)]
    fn ask(&self, _: &Call) -> Result {
        Ok(())
    }
}

fn main() {}
