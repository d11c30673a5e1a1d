//! Values that are set from outside before a node is built: by its parent, and over it by the parent's parents.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::{Child, NodeImpl, NodeOf, OverridesOf};

/// What can be set in a node: a slot for each of its fields. Its builder.
#[doc(hidden)]
pub trait Overrides: Any {
    /// Nothing set.
    fn empty() -> Self
    where
        Self: Sized;

    /// The slot of a field, counted in the order in which they are declared.
    ///
    /// # Panics
    /// For a field that it does not have.
    fn slot(&self, field: usize) -> &dyn Settable {
        unreachable!("there is no field {field}")
    }
}

/// A property that takes exactly its type.
#[doc(hidden)]
pub struct Slot<T>(Option<T>);

/// A property that takes whatever turns into its type.
#[doc(hidden)]
pub struct IntoSlot<T>(Option<T>);

impl<T> Slot<T> {
    /// Sets it.
    pub fn set(&mut self, value: T) {
        self.0 = Some(value);
    }
}

impl<T> IntoSlot<T> {
    /// Sets it.
    pub fn set(&mut self, value: impl Sets<T>) {
        self.0 = Some(value.value());
    }
}

/// A slot of any type.
#[doc(hidden)]
pub trait Settable {
    /// The value of a property. Named so that no error about a `get` of the user's mentions it.
    fn what_is_set(&self) -> Option<&dyn Any> {
        None
    }

    /// What is set in a child.
    fn what_is_set_below(&self) -> Option<&dyn Overrides> {
        None
    }
}

macro_rules! slots {
    ($($ty:ident)*) => {$(
        impl<T: 'static> Settable for $ty<T> {
            fn what_is_set(&self) -> Option<&dyn Any> {
                match &self.0 {
                    Some(value) => Some(value),
                    None => None,
                }
            }
        }

        impl<T> $ty<T> {
            /// For the question whether a node has this property: never called, and of any type.
            pub fn is_a_property<R>(&self) -> R {
                unreachable!("it is asked at compile time alone")
            }
        }

        impl<T> Default for $ty<T> {
            fn default() -> Self {
                Self(None)
            }
        }

        impl<T> fmt::Debug for $ty<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(if self.0.is_some() { "set" } else { "not set" })
            }
        }
    )*};
}
slots!(Slot IntoSlot);

/// What is set in a child of type `F`. Naming it asks nothing of `F`, so that a field that is no node is one error.
#[doc(hidden)]
pub struct Deep<F> {
    overrides: Option<Box<dyn Overrides + Send + Sync>>,
    child: PhantomData<fn() -> F>,
}

impl<F> Default for Deep<F> {
    fn default() -> Self {
        Self { overrides: None, child: PhantomData }
    }
}

impl<F> fmt::Debug for Deep<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.overrides.is_some() { "set" } else { "not set" })
    }
}

impl<F> Deep<F> {
    /// For the error alone: a child is not set, its properties are.
    pub fn set<V: ValueOfAChild>(&mut self, _value: V) {}
}

/// Of no type.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a child is set to a value",
    label = "a child has no value of its own",
    note = "`child.property = value` sets one of its properties"
)]
pub trait ValueOfAChild {}

impl<F> Settable for Deep<F> {
    fn what_is_set_below(&self) -> Option<&dyn Overrides> {
        self.overrides.as_deref().map(|overrides| overrides as &dyn Overrides)
    }
}

/// A slot in which nothing is set.
#[doc(hidden)]
#[must_use]
pub fn unset<S: Default>() -> S {
    S::default()
}

/// Goes one step down the path of an override.
#[doc(hidden)]
pub fn open<S: Opens>(slot: &mut S) -> &mut S::Below {
    slot.open()
}

/// What has something below it that can be set: a child.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a property has nothing below it",
    label = "a property, and no child",
    note = "`child.property = value` goes through children, and ends in a property"
)]
pub trait Opens {
    type Below;
    fn open(&mut self) -> &mut Self::Below;
}

impl<F: Child> Opens for Deep<F> {
    type Below = OverridesOf<F>;

    fn open(&mut self) -> &mut OverridesOf<F> {
        let overrides: &mut dyn Any =
            &mut **self.overrides.get_or_insert_with(<NodeOf<F> as NodeImpl>::ERASE.overrides);
        overrides.downcast_mut().unwrap_or_else(|| unreachable!("only this function fills it"))
    }
}

/// Everything that sets values in one node: the builders of its parents' parents first, its own last.
#[doc(hidden)]
pub struct Layers<'a>(Vec<&'a dyn Overrides>);

impl fmt::Debug for Layers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layers({})", self.0.len())
    }
}

impl<'a> Layers<'a> {
    pub(super) fn of(own: &'a dyn Overrides) -> Self {
        Self(vec![own])
    }

    /// The layers of the child in a field: what ours set in it, then what its parent does.
    #[must_use]
    pub fn child<'b>(&'b self, field: usize, own: &'b dyn Overrides) -> Layers<'b> {
        let outer = self.0.iter().filter_map(|layer| layer.slot(field).what_is_set_below());
        Layers(outer.chain([own]).collect())
    }

    /// What the property in a field is set to: by the outermost layer that sets it.
    pub fn set<T: 'static>(&self, field: usize, duplicate: fn(&T) -> T) -> Option<T> {
        let set = self.0.iter().find_map(|layer| layer.slot(field).what_is_set());
        set.and_then(<dyn Any>::downcast_ref).map(duplicate)
    }

    /// The value of the required property in a field. The builder's types do not let it be missing.
    ///
    /// # Panics
    /// When it is not set.
    pub fn required<T: 'static>(&self, field: usize, duplicate: fn(&T) -> T) -> T {
        self.set(field, duplicate).unwrap_or_else(|| unreachable!("a required property is not set"))
    }
}

/// What a property can be.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property",
    label = "not `Clone`",
    note = "a property is `Clone`, because it can be set from further out; a child node is written with `#[node]`"
)]
pub trait Property: Sized {
    fn duplicate(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Property for T {
    fn duplicate(&self) -> Self {
        self.clone()
    }
}

/// What a property without a value of its own can be.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property without `#[default(..)]` or `#[required]`",
    label = "not `Clone` and `Default`",
    note = "a property is `Clone`, and `Default` if it is given no value; a child node is written with `#[node]`"
)]
pub trait Plain: Sized {
    fn duplicate(&self) -> Self;
    fn plain() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Default> Plain for T {
    fn duplicate(&self) -> Self {
        self.clone()
    }

    fn plain() -> Self {
        Self::default()
    }
}

/// What a property of type `T` can be set to: whatever turns into it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for a property of type `{T}`",
    label = "does not turn into `{T}`"
)]
pub trait Sets<T> {
    fn value(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> Sets<T> for V {
    fn value(self) -> T {
        self.into()
    }
}
