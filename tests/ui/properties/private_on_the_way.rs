use deploy_core::prelude::*;

mod inner {
    use deploy_core::prelude::*;
    #[node]
    struct Private {
        level: u8,
    }
    #[node]
    pub struct Public {
        #[node]
        child: Private,
    }
}

#[node(main)]
struct Root {
    #[node(child.level = 3)]
    public: inner::Public,
}
