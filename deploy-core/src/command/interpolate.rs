//! What `cmd!` calls for each value: an iterator gives its items' words, anything else is a [`ToWords`].

use super::{Cmd, ToWords};

/// A value of a command literal. Its inherent method is for iterators; for everything else method lookup goes
/// on to [`AppendWords`], so that the error for a type that fits neither speaks of [`ToWords`].
#[derive(Debug)]
pub struct Value<'a, T: ?Sized>(pub &'a T);

impl<T> Value<'_, T>
where
    T: Iterator + Clone,
    T::Item: ToWords,
{
    /// Appends the words of all items, separated by blanks.
    pub fn append(self, cmd: Cmd) -> Cmd {
        let items: Vec<T::Item> = self.0.clone().collect();
        cmd.words(&items)
    }
}

/// Appends the words of a value.
pub trait AppendWords<T: ?Sized> {
    /// Appends the words, separated by blanks.
    fn append(self, cmd: Cmd) -> Cmd
    where
        T: ToWords;
}

impl<T: ?Sized> AppendWords<T> for Value<'_, T> {
    fn append(self, cmd: Cmd) -> Cmd
    where
        T: ToWords,
    {
        cmd.words(self.0)
    }
}
