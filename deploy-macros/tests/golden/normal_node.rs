/// Serves the site.
pub struct Web {
    /// What it is called.
    name: String,
    /// Where it listens.
    port: u16,
    #[doc(hidden)]
    __node: ::deploy_core::__private::Ctx<WebRoles, ()>,
}
///The roles of [`Web`].
#[allow(dead_code)]
pub type WebRoles = ::deploy_core::__private::HostRoles;
#[doc(hidden)]
#[allow(dead_code, private_interfaces, missing_debug_implementations)]
pub struct WebOverrides {
    pub name: ::deploy_core::__private::IntoSlot<String>,
    pub port: ::deploy_core::__private::Slot<u16>,
    __generics: ::core::marker::PhantomData<fn() -> ()>,
}
#[automatically_derived]
impl ::deploy_core::__private::Overrides for WebOverrides {
    fn empty() -> Self {
        Self {
            name: ::core::default::Default::default(),
            port: ::core::default::Default::default(),
            __generics: ::core::marker::PhantomData,
        }
    }
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`Web` needs its property `name`",
    label = "`name` is not set",
    note = "it is `#[required]`: set it where the node is nested, `#[node(name = value)]`, or on the builder, `.name(value)`"
)]
pub trait WebNeeds_name {}
impl WebNeeds_name for ::deploy_core::__private::Given {}
#[doc(hidden)]
#[allow(dead_code, missing_debug_implementations)]
pub struct WebBuilder<__R0 = ::deploy_core::__private::Missing> {
    __overrides: WebOverrides,
    __given: ::core::marker::PhantomData<fn() -> (__R0,)>,
}
#[automatically_derived]
#[allow(dead_code, private_interfaces, private_bounds)]
impl<__R0> WebBuilder<__R0> {
    #[doc(hidden)]
    pub fn name(
        mut self,
        value: impl ::deploy_core::__private::Sets<String>,
    ) -> WebBuilder<::deploy_core::__private::Given> {
        self.__overrides.name.set(value);
        WebBuilder {
            __overrides: self.__overrides,
            __given: ::core::marker::PhantomData,
        }
    }
    #[doc(hidden)]
    pub fn port(mut self, value: u16) -> Self {
        self.__overrides.port.set(value);
        self
    }
    #[doc(hidden)]
    pub fn build(self) -> ::deploy_core::__private::Draft<Web>
    where
        __R0: WebNeeds_name,
    {
        ::deploy_core::__private::Draft {
            overrides: self.__overrides,
        }
    }
}
#[automatically_derived]
impl ::core::default::Default for WebBuilder {
    fn default() -> Self {
        Self {
            __overrides: ::deploy_core::__private::Overrides::empty(),
            __given: ::core::marker::PhantomData,
        }
    }
}
#[automatically_derived]
#[allow(dead_code, private_interfaces)]
impl Web {
    ///Sets the properties of a [`Web`].
    pub fn builder() -> WebBuilder {
        ::core::default::Default::default()
    }
}
#[automatically_derived]
#[allow(unused_variables, private_interfaces, clippy::all, clippy::pedantic)]
impl ::deploy_core::__private::NodeImpl for Web {
    type Me = Self;
    type Roles = WebRoles;
    type ArrayRoles = WebRoles;
    type Generics = ();
    type Overrides = WebOverrides;
    type Builder = WebBuilder;
    type Array = ::deploy_core::__private::Cells<Self>;
    const NAME: &'static ::core::primitive::str = "Web";
    fn spec() -> &'static ::deploy_core::__private::NodeSpec {
        const {
            use ::deploy_core::__private as __d;
            &__d::NodeSpec {
                type_name: "Web",
                doc: "Serves the site.",
                kind: __d::NodeKind::Normal,
                roles: <WebRoles as __d::Roles>::SPEC,
                properties: &[
                    __d::PropertySpec::new(
                        "name",
                        "What it is called.",
                        __d::PropertyKind::Required,
                        "String",
                        |__any| __d::show!(& __d::me:: < Self > (__any).name),
                    ),
                    __d::PropertySpec::new(
                        "port",
                        "Where it listens.",
                        __d::PropertyKind::Default,
                        "u16",
                        |__any| __d::show!(& __d::me:: < Self > (__any).port),
                    ),
                ],
                children: &[],
                file: ::core::file!(),
                line: ::core::line!(),
                impls: || __d::Impls::new(__d::block!(Self), (&[], &[], &[])),
                type_id: ::core::any::TypeId::of::<Self>,
            }
        }
    }
    fn ctx(&self) -> &::deploy_core::__private::Ctx<WebRoles, ()> {
        &self.__node
    }
    fn children(&self) -> ::std::vec::Vec<::deploy_core::__private::ChildRef<'_>> {
        ::std::vec![]
    }
    fn bind(
        __layers: &[&Self::Overrides],
        __roles: WebRoles,
        __at: &::deploy_core::__private::Place,
    ) -> ::deploy_core::Result<Self> {
        ::core::result::Result::Ok(Self {
            name: ::deploy_core::__private::value(
                __layers,
                <String as ::deploy_core::__private::Property>::duplicate,
                |__set| &__set.name,
                || ::deploy_core::__private::not_set("Web", "name"),
            ),
            port: ::deploy_core::__private::value(
                __layers,
                <u16 as ::deploy_core::__private::Property>::duplicate,
                |__set| &__set.port,
                || -> u16 { 80 },
            ),
            __node: ::deploy_core::__private::Ctx::new(__at, __roles)?,
        })
    }
}
#[automatically_derived]
#[allow(private_interfaces)]
impl ::deploy_core::__private::Child for Web {
    type Me = Self;
    type Inner = Self;
    type Of = ::deploy_core::__private::NoArray;
    type N = Self;
    type Roles = WebRoles;
    const NESTING: ::deploy_core::__private::Nesting = ::deploy_core::__private::Nesting::Bare;
    fn bind(
        layers: &[&::deploy_core::__private::OverridesOf<Self>],
        roles: WebRoles,
        at: &::deploy_core::__private::Place,
    ) -> ::deploy_core::Result<Self> {
        ::deploy_core::__private::NodeImpl::bind(layers, roles, at)
    }
    fn child_ref(&self) -> ::deploy_core::__private::ChildRef<'_> {
        ::deploy_core::__private::ChildRef::Node(self)
    }
}
#[automatically_derived]
impl<__K> ::deploy_core::__private::NestIn<__K> for Web {}
#[automatically_derived]
impl ::deploy_core::__private::IsRoot for Web {}
#[automatically_derived]
impl<__P> ::deploy_core::__private::ChildOf<__P> for Web {}
#[allow(unused_macros)]
macro_rules! node_impl_must_stand_after_the_struct_in_the_module_of_Web {
    (fan $($parallel:tt)*) => {};
    (array { $($normal:tt)* } $($parallel:tt)*) => {
        $($normal)*
    };
}
