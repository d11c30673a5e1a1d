use deploy_core::prelude::*;

#[node(main)]
struct Root {}

#[node(main)]
struct Other {}
