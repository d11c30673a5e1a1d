#[allow(unreachable_pub, clippy::unused_async, clippy::missing_errors_doc)]
#[allow(clippy::must_use_candidate)]
impl ArrayOfWeb {
    /// Deploys a commit.
    pub async fn deploy(&self, commit: String) -> Result {
        Ok(())
    }
}
#[allow(unused_imports, unused_qualifications, deprecated)]
#[allow(clippy::all, clippy::pedantic)]
const _: () = {
    use ::deploy_core::__private::{self as __d, AnyType as _, MadeHere as _};
    #[automatically_derived]
    impl __d::NodeActions for ArrayOfWeb {
        const ACTIONS: &'static [__d::ActionSpec] = &[
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
                    0usize,
                )
            },
        ];
        fn call<'a>(
            __me: &'a Self,
            __number: ::core::primitive::usize,
            __args: &__d::Args,
        ) -> __d::Called<'a> {
            match __number {
                0usize => {
                    __d::Made(
                            Self::deploy(
                                __me,
                                match (__args).one(0usize, <String as __d::Argument>::parse)
                                {
                                    __d::Ok(__value) => __value,
                                    __d::Err(__wrong) => return __d::Err(__wrong),
                                },
                            ),
                        )
                        .run(<Result as __d::Answered>::answer)
                }
                _ => __d::no_action(__number),
            }
        }
    }
};
