use deploy_core::prelude::*;

#[node(main)]
struct Root<S: Send + Sync + 'static> {}
