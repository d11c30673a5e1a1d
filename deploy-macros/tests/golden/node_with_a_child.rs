/// Serves the site.
pub struct Web {
    /// What it is called.
    name: String,
    /// Where it listens.
    port: u16,
    /// Where it is checked out.
    git: Git,
    #[doc(hidden)]
    __built_by_its_builder_alone: ::deploy_core::__private::Ctx<WebRoles>,
}
///The roles of [`Web`].
#[allow(dead_code)]
pub type WebRoles = ::deploy_core::__private::HostRoles;
#[doc(hidden)]
#[allow(non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`Web` needs its property `name`",
    label = "`name` is not set",
    note = "it is `#[required]`: set it where the node is nested, `#[node(name = value)]`, or on the builder, `.name(value)`"
)]
pub trait WebNeeds_name {}
#[diagnostic::do_not_recommend]
impl WebNeeds_name for ::deploy_core::__private::Given {}
#[doc(hidden)]
#[allow(dead_code, private_interfaces, missing_debug_implementations)]
pub struct WebBuilder<Has_name = ::deploy_core::__private::Missing> {
    pub name: ::deploy_core::__private::IntoSlot<String>,
    pub port: ::deploy_core::__private::Slot<u16>,
    pub git: ::deploy_core::__private::Deep<Git>,
    __given: ::core::marker::PhantomData<fn() -> (Has_name,)>,
}
#[allow(dead_code, unused_variables, unused_qualifications, missing_docs)]
#[allow(private_interfaces, private_bounds, clippy::all, clippy::pedantic)]
const _: () = {
    use ::deploy_core::__private::{self as __d, AnyNode as _, AnyType as _};
    impl __d::Overrides for WebBuilder {
        fn empty() -> Self {
            Self {
                name: __d::unset(),
                port: __d::unset(),
                git: __d::unset(),
                __given: ::core::marker::PhantomData,
            }
        }
        fn slot(&self, __field: ::core::primitive::usize) -> &dyn __d::Settable {
            [&self.name as &dyn __d::Settable, &self.port, &self.git][__field]
        }
    }
    impl<Has_name> WebBuilder<Has_name> {
        pub fn name(mut self, value: impl __d::Sets<String>) -> WebBuilder<__d::Given> {
            self.name.set(value);
            self.__marked()
        }
        pub fn port(mut self, value: u16) -> Self {
            self.port.set(value);
            self
        }
        fn __marked<__N0>(self) -> WebBuilder<__N0> {
            WebBuilder {
                name: self.name,
                port: self.port,
                git: self.git,
                __given: ::core::marker::PhantomData,
            }
        }
        pub fn build(self) -> __d::Draft<Web>
        where
            Has_name: WebNeeds_name,
        {
            __d::Draft::of(self.__marked())
        }
    }
    impl Web {
        ///Sets the properties of a [`Web`].
        pub fn builder() -> WebBuilder {
            __d::Overrides::empty()
        }
    }
    impl __d::NodeImpl for Web {
        type Me = Self;
        const NAME: &'static ::core::primitive::str = "Web";
        type Roles = WebRoles;
        type Overrides = WebBuilder;
        type Array = __d::Cells<Self>;
        const ERASE: __d::Erase<Self> = __d::Probe::<Self>::ERASE;
        fn describe(__rows: &mut __d::NodeRows) {
            __rows
                .node(
                    "Serves the site.",
                    __d::NodeKind::Normal,
                    __d::Probe::<Self>::BLOCK,
                    __d::BlockImpl::NONE,
                );
            __rows
                .property(
                    0usize,
                    "name",
                    "What it is called.",
                    __d::PropertyKind::Required,
                    "String",
                );
            __rows
                .property(
                    1usize,
                    "port",
                    "Where it listens.",
                    __d::PropertyKind::Default,
                    "u16",
                );
            __rows.child("git", "Where it is checked out.", __d::Probe::<Git>::SHAPE);
        }
        fn ctx(&self) -> &__d::Ctx<WebRoles> {
            &self.__built_by_its_builder_alone
        }
        fn show(&self, __number: ::core::primitive::usize) -> __d::String {
            match __number {
                0usize => __d::show(&self.name).text(),
                1usize => __d::ToString::to_string(&self.port),
                _ => __d::no_property(__number),
            }
        }
        fn children(&self) -> __d::Vec<__d::ChildRef<'_>> {
            __d::Vec::from([__d::field(&self.git).child_ref()])
        }
        fn bind(
            __layers: &__d::Layers<'_>,
            __roles: WebRoles,
            __at: &__d::Place,
        ) -> ::deploy_core::Result<Self> {
            let _ = (<String as __d::Shared>::OK);
            WebProperties {
                name: __layers.required(0usize, <String as __d::Property>::duplicate),
                port: __layers
                    .set(1usize, <u16 as __d::Property>::duplicate)
                    .unwrap_or(80),
            }
                .__bind(__layers, __roles, __at)
        }
    }
    #[diagnostic::do_not_recommend]
    impl __d::Child for Web {
        type Me = Self;
        type As = __d::Bare;
    }
    impl<__K> __d::NestIn<__K> for Web {}
    impl __d::IsRoot for Web {}
    impl<__P> __d::ChildOf<__P> for Web {}
    const _: () = __d::mapped_by_name(
        <<Git as __d::Child>::Me as __d::Child>::WANTS,
        <WebRoles as __d::Roles>::SPEC,
        "git",
        "Web",
    );
    struct WebProperties {
        name: String,
        port: u16,
    }
    impl WebProperties {
        fn __bind(
            &self,
            __layers: &__d::Layers<'_>,
            __roles: WebRoles,
            __at: &__d::Place,
        ) -> ::deploy_core::Result<Web> {
            let __ctx = <::deploy_core::__private::Ctx<WebRoles>>::new(__at, __roles)?;
            let __roles: &WebRoles = __ctx.roles();
            __d::Ok(Web {
                git: {
                    let () = <__d::CellOf<Git> as __d::Parallel>::OK;
                    let () = <<Git as __d::Child>::Me as __d::NestIn<__d::InNormal>>::OK;
                    let () = <__d::InnerOf<Git> as __d::ChildOf<Web>>::OK;
                    let __at = &__at.child("git");
                    let __builder = <<Git as __d::Child>::Me as __d::Child>::builder()
                        .directory("/srv");
                    let __draft = __builder.build();
                    <<Git as __d::Child>::Me as __d::Child>::bind(
                        &__layers.child(2usize, &__draft.overrides),
                        <<Git as __d::Child>::Me as __d::Child>::default_roles::<
                            WebRoles,
                        >(__at, __roles)?,
                        __at,
                    )?
                },
                name: <String as __d::Property>::duplicate(&self.name),
                port: <u16 as __d::Property>::duplicate(&self.port),
                __built_by_its_builder_alone: __ctx,
            })
        }
    }
};
#[allow(unused_macros)]
macro_rules! node_impl_must_stand_after_the_struct_in_the_module_of_Web {
    (applies $($all:tt)*) => {};
    (fan $($parallel:tt)*) => {};
    (array { $($normal:tt)* } $($parallel:tt)*) => {
        $($normal)*
    };
}
