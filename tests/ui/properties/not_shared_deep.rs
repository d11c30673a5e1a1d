use std::sync::Arc;

use deploy_core::prelude::*;

#[node(parallel)]
struct Web {
    #[required]
    check: Arc<dyn Fn()>,
}

#[node(main)]
struct Root {
    #[node(check = Arc::new(|| {}) as Arc<dyn Fn()>)]
    #[hosts(host = ["web1"])]
    web: Array<Web>,
}
