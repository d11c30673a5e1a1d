//! What a type can do, where the macros cannot know.
//!
//! Method resolution tries an inherent method whose bounds hold first, and else what the value dereferences to; a path to a
//! constant tries an inherent one first, and else that of a trait.

use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;

use super::run::{Called, Local, Work, no_action, no_property};
use super::{Args, Child, ChildRef, Nested, NodeImpl, NodeOf, Value};
use crate::Result;
use crate::spec::{BlockImpl, BlockRows, Shape};

/// Asks about a type.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

/// What the `#[node]` impl block of a node or an array says.
#[diagnostic::on_unimplemented(message = "`{Self}` has no `#[node]` impl block")]
pub trait NodeActions: Sized + 'static {
    /// Says what its actions, queries and hooks are.
    fn describe(rows: &mut BlockRows);

    /// The action of this number in its row.
    fn call<'a>(_me: &'a Self, number: usize, _args: &mut Args) -> Called<'a> {
        no_action(number)
    }

    /// The value of the query of this number in its row.
    fn query(_me: &Self, number: usize) -> String {
        no_property(number)
    }
}

impl<T: NodeActions> Probe<T> {
    /// What the impl block of a node or an array says.
    pub const BLOCK: BlockImpl = BlockImpl::of::<T>();
}

/// Where a node with generics asks whether its impl block is for all of it.
pub trait BlockOf {
    /// The node, or what its arrays dereference to.
    type Node;
}

impl<T: Child> Probe<T> {
    /// How a child stands in its parent, and its type.
    pub const SHAPE: Shape = || (T::As::NESTING, NodeOf::<T>::spec());
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

/// A type of numbers.
pub trait Number {}

macro_rules! numbers {
    ($($ty:ty)*) => {$( impl Number for $ty {} )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

impl<T: Number> Probe<T> {
    /// A number is taken as it is.
    pub const fn number(value: T) -> T {
        value
    }
}

/// A type of which nothing is known: it takes any words, has no impl block, and is no child or number. That a field is no node does
/// not compile elsewhere; here it is no second error.
pub trait AnyType {
    const BLOCK: BlockImpl = BlockImpl::NONE;
    const SHAPE: Shape = || unreachable!("a field that is no node does not compile");
    const VALUES: Values = Vec::new;

    /// A number is of the type that it has by itself.
    fn number<V>(value: V) -> V {
        value
    }
}

impl<T> AnyType for Probe<T> {}

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

/// The future of an action, on its way to [`Work`]. Its type is that of one action alone: as little as can be is generic over it.
pub struct Made<F>(pub F);

impl<F: Future + Send> Made<F> {
    /// May go from thread to thread.
    pub fn work<'a>(self) -> Work<'a, F::Output>
    where
        F: 'a,
    {
        let future: Box<dyn Future<Output = F::Output> + Send + 'a> = Box::new(self.0);
        Work::Send(Box::into_pin(future))
    }

    /// As [`Work::run`].
    pub fn run<'a>(self, answer: fn(F::Output) -> Result<Value>) -> Called<'a>
    where
        F: 'a,
    {
        self.work().run(answer)
    }
}

/// A future that may not leave its thread.
pub trait MadeHere<'a> {
    type Output;

    fn work(self) -> Work<'a, Self::Output>;

    fn run(self, answer: fn(Self::Output) -> Result<Value>) -> Called<'a>;
}

impl<'a, F: Future + 'a> MadeHere<'a> for Made<F> {
    type Output = F::Output;

    fn work(self) -> Work<'a, F::Output> {
        Work::Local(Local::new(self.0))
    }

    fn run(self, answer: fn(F::Output) -> Result<Value>) -> Called<'a> {
        self.work().run(answer)
    }
}

impl<F> Debug for Made<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
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
