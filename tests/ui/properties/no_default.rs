use deploy_core::prelude::*;

struct Key;

impl Clone for Key {
    fn clone(&self) -> Self {
        Self
    }
}

#[node]
struct Site {
    key: Key,
}

fn main() {}
