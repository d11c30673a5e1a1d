//! Values that are set from outside before a node is built: by its parent, and over it by the parent's parents.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::{Child, Overrides, OverridesOf};

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

/// Either kind of slot.
#[doc(hidden)]
pub trait Settable {
    type Value;
    /// Named so that no error about a `get` of the user's mentions it.
    fn what_is_set(&self) -> Option<&Self::Value>;
}

macro_rules! slots {
    ($($ty:ident)*) => {$(
        impl<T> Settable for $ty<T> {
            type Value = T;

            fn what_is_set(&self) -> Option<&T> {
                self.0.as_ref()
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
    pub(super) overrides: Option<Box<dyn Any + Send + Sync>>,
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

/// Goes one step down the path of an override.
#[doc(hidden)]
pub fn open<F: Child>(deep: &mut Deep<F>) -> &mut OverridesOf<F> {
    deep.overrides
        .get_or_insert_with(|| Box::new(OverridesOf::<F>::empty()))
        .downcast_mut()
        .unwrap_or_else(|| unreachable!("only this function fills it"))
}

/// The value of a property: of the outermost layer that sets it, else `default`.
#[doc(hidden)]
pub fn value<'a, O, S: Settable + 'a>(
    layers: &[&'a O],
    duplicate: fn(&S::Value) -> S::Value,
    slot: impl Fn(&'a O) -> &'a S,
    default: impl FnOnce() -> S::Value,
) -> S::Value {
    layers.iter().find_map(|layer| slot(layer).what_is_set()).map_or_else(default, duplicate)
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
