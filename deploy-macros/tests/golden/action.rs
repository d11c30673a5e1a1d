#[allow(unreachable_pub, clippy::unused_async)]
impl Web {
    /// Deploys a commit.
    pub async fn deploy(&self, commit: String) -> Result {
        Ok(())
    }
}
#[automatically_derived]
#[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
impl ::deploy_core::__private::NodeActions for Web {
    const ACTIONS: &'static [::deploy_core::__private::ActionSpec] = {
        use ::deploy_core::__private as __d;
        use __d::AnyType as _;
        &[
            __d::ActionSpec::new(
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
            ),
        ]
    };
}
#[automatically_derived]
#[allow(dead_code, deprecated, private_interfaces, clippy::all, clippy::pedantic)]
impl __WebFan {
    ///Runs [`deploy`](Self) on every cell.
    pub async fn deploy(&self, commit: String) -> ::deploy_core::node::Fanned<Result> {
        self.0.fan(|__cell| __cell.deploy(::core::clone::Clone::clone(&commit))).await
    }
}
