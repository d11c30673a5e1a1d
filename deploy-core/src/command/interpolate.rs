//! What `cmd!` calls for each value: an iterator gives its items' words, anything else is a [`ToWords`].

use std::ops::Deref;

use super::{Cmd, ToWords};

/// A value of a command literal. Its own method is for iterators; for everything else method lookup goes on to
/// `Single`, so that the error for a type that fits neither speaks of [`ToWords`].
#[derive(Debug)]
pub struct Value<'a, T: ?Sized>(Single<'a, T>);

/// A value that is no iterator.
#[derive(Debug)]
pub struct Single<'a, T: ?Sized>(&'a T);

/// The value, as the macro hands it over.
pub const fn value<T: ?Sized>(value: &T) -> Value<'_, T> {
    Value(Single(value))
}

impl<'a, T: ?Sized> Deref for Value<'a, T> {
    type Target = Single<'a, T>;

    fn deref(&self) -> &Single<'a, T> {
        &self.0
    }
}

impl<T> Value<'_, T>
where
    T: Iterator + Clone,
    T::Item: ToWords,
{
    /// Appends the words of all items, separated by blanks, and the source that follows.
    pub fn append(&self, cmd: Cmd, source: &'static str) -> Cmd {
        let items: Vec<T::Item> = self.0.0.clone().collect();
        followed(cmd.words(&items), source)
    }
}

impl<T: ?Sized> Single<'_, T> {
    /// Appends its words, separated by blanks, and the source that follows.
    pub fn append(&self, cmd: Cmd, source: &'static str) -> Cmd
    where
        T: ToWords,
    {
        followed(cmd.words(self.0), source)
    }
}

fn followed(cmd: Cmd, source: &'static str) -> Cmd {
    if source.is_empty() { cmd } else { cmd.lit(source) }
}
