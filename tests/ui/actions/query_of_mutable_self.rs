use deploy_core::prelude::*;

#[node]
struct Web {}

#[node]
impl Web {
    pub fn count(&mut self) -> usize {
        1
    }
}

fn main() {}
