use deploy_core::prelude::*;

#[node(parallel, roles(queue: One))]
struct Worker {}

#[node(roles(worker))]
struct System {
    #[node]
    workers: Array<Worker>,
}

fn main() {}
