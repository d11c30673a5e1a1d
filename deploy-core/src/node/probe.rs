//! What a type can do, where the macros cannot know.
//!
//! Method resolution tries an inherent method whose bounds hold first, and else what the value dereferences to; a path to a
//! constant tries an inherent one first, and else that of a trait.

use std::cell::Cell;
use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;

use futures_util::future::BoxFuture;

use super::run::{Called, Local, Work};
use super::{Child, ChildRef, Nested, NodeImpl, NodeOf, Returned, Value};
use crate::Result;
use crate::spec::{ActionSpec, HookSpec, Nesting, NodeSpec, PropertySpec};

/// Asks about a type.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

/// What is said of a type that cannot do it.
#[derive(Debug)]
pub struct Cannot;

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

impl<T> Deref for Probe<T> {
    type Target = Cannot;

    fn deref(&self) -> &Cannot {
        &Cannot
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

impl<T: NodeActions> Probe<T> {
    /// Actions, queries and hooks of a node's impl block, if it has one.
    #[must_use]
    pub fn block(&self) -> Block {
        (T::ACTIONS, T::QUERIES, T::HOOKS)
    }
}

impl<T: Child> Probe<T> {
    /// How a child stands in its parent, and its type.
    #[must_use]
    pub fn shape(&self) -> (Nesting, &'static NodeSpec) {
        (T::As::NESTING, NodeOf::<T>::spec())
    }
}

impl Cannot {
    #[must_use]
    pub fn block(&self) -> Block {
        (&[], &[], &[])
    }

    /// A field that is no node does not compile elsewhere; here it is no second error.
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn shape(&self) -> (Nesting, &'static NodeSpec) {
        unreachable!("a field that is no node does not compile")
    }
}

/// Gives the words that a type takes, if it takes only some.
type Values = fn() -> Vec<String>;

impl<T: clap::ValueEnum> Probe<T> {
    pub const VALUES: Values = || {
        T::value_variants()
            .iter()
            .filter_map(clap::ValueEnum::to_possible_value)
            .filter(|value| !value.is_hide_set())
            .map(|value| value.get_name().to_owned())
            .collect()
    };
}

impl<R: Returned> Probe<R> {
    /// What an action that returns this turns into.
    pub const RETURNED: fn(R) -> Result<R::Value> = R::returned;
}

/// A type of which nothing is known: it takes any words, and that no action returns it is said elsewhere.
pub trait AnyType {
    type Type;

    const VALUES: Values = Vec::new;
    const RETURNED: fn(Self::Type) -> Result =
        |_| unreachable!("an action that returns no `Result` does not compile");
}

impl<T> AnyType for Probe<T> {
    type Type = T;
}

/// A field as a child.
#[derive(Debug)]
pub struct Field<'a, T>(NoField<'a, T>);

/// A field that is no child.
#[derive(Debug)]
pub struct NoField<'a, T>(&'a T);

pub const fn field<T>(value: &T) -> Field<'_, T> {
    Field(NoField(value))
}

impl<'a, T> Deref for Field<'a, T> {
    type Target = NoField<'a, T>;

    fn deref(&self) -> &NoField<'a, T> {
        &self.0
    }
}

impl<'a, T: Child> Field<'a, T> {
    #[must_use]
    pub fn child_ref(&self) -> ChildRef<'a> {
        T::As::child_ref(self.0.0)
    }
}

impl<'a, T> NoField<'a, T> {
    /// As [`Cannot::shape`].
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn child_ref(&self) -> ChildRef<'a> {
        unreachable!("a field that is no node does not compile")
    }
}

/// The future of an action, on its way to [`Work`].
pub struct Made<F>(MadeHere<F>);

/// A future that may not leave its thread.
pub struct MadeHere<F>(Cell<Option<F>>);

pub const fn work<F: Future>(future: F) -> Made<F> {
    Made(MadeHere(Cell::new(Some(future))))
}

impl<F> Deref for Made<F> {
    type Target = MadeHere<F>;

    fn deref(&self) -> &MadeHere<F> {
        &self.0
    }
}

macro_rules! ways_to_run {
    ($made:ident, $work:ident, $($bound:tt)*) => {
        impl<F: Future $($bound)*> $made<F> {
            /// Runs an action and shows its result, or says what is wrong with it: of a type by functions and not by bounds,
            /// which would be a second error of one mistake.
            ///
            /// # Errors
            /// None; adapters use `?` before it.
            pub fn run<'a, T: 'a>(
                &self,
                returned: fn(F::Output) -> Result<T>,
                shown: fn(&T) -> Result<Value>,
            ) -> Called<'a>
            where
                F: 'a,
            {
                Ok(self.$work().run(returned, shown))
            }

            /// Runs an action whose result is not shown.
            ///
            /// # Errors
            /// None, as [`run`](Self::run).
            pub fn run_silently<'a, T: 'a>(
                &self,
                returned: fn(F::Output) -> Result<T>,
            ) -> Called<'a>
            where
                F: 'a,
            {
                Ok(self.$work().run_silently(returned))
            }

            /// Runs a hook.
            #[must_use]
            pub fn hook<'a>(&self) -> BoxFuture<'a, Result>
            where
                F: 'a,
                F::Output: Returned<Value = ()>,
            {
                self.$work().hook()
            }
        }
    };
}
ways_to_run!(Made, send, + Send);
ways_to_run!(MadeHere, local,);

impl<F: Future + Send> Made<F> {
    fn send<'a>(&self) -> Work<'a, F::Output>
    where
        F: 'a,
    {
        Work::Send(Box::pin(self.0.take()))
    }
}

impl<F: Future> MadeHere<F> {
    fn local<'a>(&self) -> Work<'a, F::Output>
    where
        F: 'a,
    {
        Work::Local(Local::new(self.take()))
    }
}

impl<F> MadeHere<F> {
    fn take(&self) -> F {
        self.0.take().unwrap_or_else(|| unreachable!("it is run once"))
    }
}

impl<F> Debug for Made<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

impl<F> Debug for MadeHere<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MadeHere")
    }
}

/// A value as text: its `Display`, else its `Debug`.
#[derive(Debug)]
pub struct Show<'a, T>(ShowDebug<'a, T>);

#[derive(Debug)]
pub struct ShowDebug<'a, T>(ShowNothing<'a, T>);

#[derive(Debug)]
pub struct ShowNothing<'a, T>(&'a T);

pub const fn show<T>(value: &T) -> Show<'_, T> {
    Show(ShowDebug(ShowNothing(value)))
}

impl<'a, T> Deref for Show<'a, T> {
    type Target = ShowDebug<'a, T>;

    fn deref(&self) -> &ShowDebug<'a, T> {
        &self.0
    }
}

impl<'a, T> Deref for ShowDebug<'a, T> {
    type Target = ShowNothing<'a, T>;

    fn deref(&self) -> &ShowNothing<'a, T> {
        &self.0
    }
}

impl<T: Display> Show<'_, T> {
    #[must_use]
    pub fn text(&self) -> String {
        self.0.0.0.to_string()
    }
}

impl<T: Debug> ShowDebug<'_, T> {
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:?}", self.0.0)
    }
}

impl<T> ShowNothing<'_, T> {
    #[must_use]
    pub fn text(&self) -> String {
        "…".to_owned()
    }
}
