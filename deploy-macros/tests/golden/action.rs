#[allow(unreachable_pub, clippy::unused_async, clippy::missing_errors_doc)]
#[allow(clippy::must_use_candidate)]
impl Web {
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
    impl __d::NodeActions for Web {
        fn describe(__rows: &mut __d::BlockRows) {
            __rows
                .action(0usize, "deploy", "Deploys a commit.")
                .param(
                    "commit",
                    "",
                    "String",
                    __d::Probe::<String>::VALUES,
                    <String as __d::Argument>::read,
                );
        }
        fn call<'a>(
            __me: &'a Self,
            __number: ::core::primitive::usize,
            __args: &mut __d::Args,
        ) -> __d::Called<'a> {
            match __number {
                0usize => {
                    __d::Made(Self::deploy(__me, __args.one(0usize)))
                        .run(<Result as __d::Answered>::answer)
                }
                _ => __d::no_action(__number),
            }
        }
    }
};
#[allow(dead_code, deprecated, private_interfaces, unused_qualifications)]
#[allow(clippy::all, clippy::pedantic)]
const _: () = {
    use ::deploy_core::{__private as __d, node as __n};
    #[automatically_derived]
    impl __WebFan {
        ///Runs [`deploy`](Self) on every cell.
        pub async fn deploy(&self, commit: String) -> __n::Fanned<Result> {
            self.0.fan(|__cell| __cell.deploy(__d::Clone::clone(&commit))).await
        }
    }
};
