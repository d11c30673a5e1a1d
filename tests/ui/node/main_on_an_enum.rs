use deploy_core::prelude::*;

#[node(main)]
enum Root {
    Site,
}
