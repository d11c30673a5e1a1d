//! What `cmd!` calls for each value: an iterator gives its items' words, anything else is a [`ToWords`].

use super::{Cmd, ToWords};

/// A value that stands for its own words.
#[derive(Debug)]
pub struct Itself;

/// A value that stands for those of its items.
#[derive(Debug)]
pub struct Items;

/// What can stand in a command literal. None of our types is an iterator and gives words of its own, so the compiler finds out `By` which
/// of both it stands for; of a user's that is both it says that it cannot tell.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a command",
    label = "not text, a path, a number, a `RemotePath`, a `Secret`, or a list of these",
    note = "pass it as text, e.g. `let value = value.to_string();`"
)]
pub trait Interpolated<By> {
    /// `cmd` with its words.
    fn append(&self, cmd: Cmd) -> Cmd;
}

#[diagnostic::do_not_recommend]
impl<T: ToWords + ?Sized> Interpolated<Itself> for T {
    fn append(&self, cmd: Cmd) -> Cmd {
        cmd.words(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Interpolated<Items> for T
where
    T: Iterator + Clone,
    T::Item: ToWords,
{
    fn append(&self, cmd: Cmd) -> Cmd {
        let items: Vec<T::Item> = self.clone().collect();
        cmd.words(&items)
    }
}

impl Cmd {
    /// Appends the words of a value, separated by blanks, and the source that follows it in the literal.
    #[doc(hidden)]
    pub fn part<By>(self, value: &(impl Interpolated<By> + ?Sized), source: &'static str) -> Self {
        let cmd = value.append(self);
        if source.is_empty() { cmd } else { cmd.lit(source) }
    }
}
