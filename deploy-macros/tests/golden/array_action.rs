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
        use __d::AnyType as _;
        &[
            __d::ActionSpec {
                scope: __d::Scope::Array,
                ..__d::ActionSpec::new(
                    "deploy",
                    "Deploys a commit.",
                    &[
                        __d::ParamSpec::new(
                            "commit",
                            "",
                            "String",
                            __d::Probe::<String>::VALUES,
                            <String as __d::Argument>::check,
                        ),
                    ],
                    |__any, __args| {
                        __d::work(
                                Self::deploy(
                                    __d::me(__any),
                                    __args.one(0usize, <String as __d::Argument>::parse)?,
                                ),
                            )
                            .run(
                                __d::Probe::<Result>::RETURNED,
                                <<Result as __d::Returned>::Value as __d::Shown>::shown,
                            )
                    },
                )
            },
        ]
    };
}
