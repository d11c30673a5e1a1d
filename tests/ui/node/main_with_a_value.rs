use deploy_core::prelude::*;

#[node(main = true)]
struct Root {}
