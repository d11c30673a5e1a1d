use deploy_core::prelude::*;

#[node]
struct Web {}

#[node(main)]
struct Root {
    #[node]
    web: Web,
}

impl Root {
    fn cell(&self) -> &Web {
        self.web.get("web1")
    }
}
