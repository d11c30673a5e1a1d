use deploy_core::prelude::*;

#[node(parallel, hosts = ["web1"])]
struct Web {}

#[node(main)]
struct Root {
    #[node]
    web: Array<Web>,
}
