use deploy_core::prelude::*;

#[node(main)]
struct Root<'a> {
    name: &'a str,
}
