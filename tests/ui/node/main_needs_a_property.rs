use deploy_core::prelude::*;

#[node(main)]
struct Root {
    #[required]
    name: String,
}
