//! What a type can do, where the macros cannot know: method resolution tries the impl with more references first.
//!
//! `(&&Probe::<T>::new()).values()` finds the impl for `&Probe<T>` if its bound holds, and else that for `Probe<T>`.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use super::{Child, ChildRef, NodeImpl};
use crate::spec::{ActionSpec, HookSpec, Nesting, NodeSpec, PropertySpec};

/// Asks about a type.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Probe<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// What the `#[node]` impl block of a node or an array says.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `#[node]` impl block")]
pub trait NodeActions {
    const ACTIONS: &'static [ActionSpec];
    const QUERIES: &'static [PropertySpec] = &[];
    const HOOKS: &'static [HookSpec] = &[];
}

type Block = (&'static [ActionSpec], &'static [PropertySpec], &'static [HookSpec]);

pub trait HasBlock {
    fn block(&self) -> Block;
}

impl<T: NodeActions> HasBlock for &Probe<T> {
    fn block(&self) -> Block {
        (T::ACTIONS, T::QUERIES, T::HOOKS)
    }
}

pub trait NoBlock {
    fn block(&self) -> Block;
}

impl<T> NoBlock for Probe<T> {
    fn block(&self) -> Block {
        (&[], &[], &[])
    }
}

pub trait HasShape {
    fn shape(&self) -> (Nesting, &'static NodeSpec);
}

impl<T: Child> HasShape for &Probe<T> {
    fn shape(&self) -> (Nesting, &'static NodeSpec) {
        (T::NESTING, T::N::spec())
    }
}

/// A field that is no node does not compile elsewhere; here it is no second error.
pub trait NoShape {
    fn shape(&self) -> (Nesting, &'static NodeSpec);
}

impl<T> NoShape for Probe<T> {
    fn shape(&self) -> (Nesting, &'static NodeSpec) {
        unreachable!("a field that is no node does not compile")
    }
}

/// Looks at a value.
#[derive(Debug)]
pub struct Show<'a, T>(pub &'a T);

pub trait AsChild<'a> {
    fn child_ref(&self) -> ChildRef<'a>;
}

impl<'a, T: Child> AsChild<'a> for &Show<'a, T> {
    fn child_ref(&self) -> ChildRef<'a> {
        self.0.child_ref()
    }
}

/// As [`NoShape`].
pub trait NoChild<'a> {
    fn child_ref(&self) -> ChildRef<'a>;
}

impl<'a, T> NoChild<'a> for Show<'a, T> {
    fn child_ref(&self) -> ChildRef<'a> {
        unreachable!("a field that is no node does not compile")
    }
}

pub trait ShowDisplay {
    fn show(&self) -> String;
}

impl<T: Display> ShowDisplay for &&Show<'_, T> {
    fn show(&self) -> String {
        self.0.to_string()
    }
}

pub trait ShowDebug {
    fn show(&self) -> String;
}

impl<T: Debug> ShowDebug for &Show<'_, T> {
    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

pub trait ShowNothing {
    fn show(&self) -> String;
}

impl<T> ShowNothing for Show<'_, T> {
    fn show(&self) -> String {
        "…".to_owned()
    }
}

pub trait HasValues {
    fn values(&self) -> Vec<String>;
}

impl<T: clap::ValueEnum> HasValues for &Probe<T> {
    fn values(&self) -> Vec<String> {
        T::value_variants()
            .iter()
            .filter_map(clap::ValueEnum::to_possible_value)
            .filter(|value| !value.is_hide_set())
            .map(|value| value.get_name().to_owned())
            .collect()
    }
}

pub trait NoValues {
    fn values(&self) -> Vec<String>;
}

impl<T> NoValues for Probe<T> {
    fn values(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Actions and queries of a node's impl block, if it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! __deploy_block {
    ($ty:ty) => {{
        #[allow(unused_imports)]
        use $crate::__private::probe::{HasBlock as _, NoBlock as _};
        (&&$crate::__private::probe::Probe::<$ty>::new()).block()
    }};
}

/// How a child stands in its parent, and its type.
#[doc(hidden)]
#[macro_export]
macro_rules! __deploy_shape {
    ($ty:ty) => {{
        #[allow(unused_imports)]
        use $crate::__private::probe::{HasShape as _, NoShape as _};
        (&&$crate::__private::probe::Probe::<$ty>::new()).shape()
    }};
}

/// A field as a child.
#[doc(hidden)]
#[macro_export]
macro_rules! __deploy_child_ref {
    ($child:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::probe::{AsChild as _, NoChild as _};
        (&&$crate::__private::probe::Show($child)).child_ref()
    }};
}

/// A value as text: its `Display`, else its `Debug`.
#[doc(hidden)]
#[macro_export]
macro_rules! __deploy_show {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::probe::{ShowDebug as _, ShowDisplay as _, ShowNothing as _};
        (&&&$crate::__private::probe::Show($value)).show()
    }};
}

/// The words that a type takes, if it is a `ValueEnum`.
#[doc(hidden)]
#[macro_export]
macro_rules! __deploy_values {
    ($ty:ty) => {{
        #[allow(unused_imports)]
        use $crate::__private::probe::{HasValues as _, NoValues as _};
        (&&$crate::__private::probe::Probe::<$ty>::new()).values()
    }};
}
