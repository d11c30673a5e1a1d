#[allow(unreachable_pub, clippy::unused_async)]
impl __WebArray {
    /// Deploys a commit.
    pub async fn deploy(&self, commit: String) -> Result {
        Ok(())
    }
}
#[automatically_derived]
#[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
impl ::deploy_core::__private::NodeActions for __WebArray {
    const ACTIONS: &'static [::deploy_core::__private::ActionSpec] = {
        use ::deploy_core::__private as __d;
        &[
            __d::ActionSpec {
                params: &[
                    __d::ParamSpec::new(
                        "commit",
                        "",
                        __d::ParamKind::Required,
                        "String",
                        || __d::values!(String),
                        <String as __d::Argument>::check,
                    ),
                ],
                scope: __d::Scope::Array,
                ..__d::ActionSpec::new(
                    "deploy",
                    "Deploys a commit.",
                    |__any, __args| __d::run(
                        __d::me::<Self>(__any)
                            .deploy(
                                __args.one(0usize, <String as __d::Argument>::parse)?,
                            ),
                        <<Result as __d::Returned>::Value as __d::Shown>::shown,
                    ),
                )
            },
        ]
    };
}
