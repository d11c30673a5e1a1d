use std::rc::Rc;

use deploy_core::prelude::*;

#[node]
struct Site {
    name: Rc<String>,
}

#[node(main)]
struct Root {
    #[node(name = "x".to_owned())]
    #[hosts(host = ["web1"])]
    site: Site,
}
