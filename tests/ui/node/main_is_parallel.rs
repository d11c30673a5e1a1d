use deploy_core::prelude::*;

#[node(main, parallel)]
struct Root {}
