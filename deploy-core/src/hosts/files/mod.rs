//! Files of a host, as methods of [`Host`](super::Host): read, write, look, make, remove.
//!
//! Each is one POSIX shell script that is given its values as arguments, so it works wherever commands do: as another
//! user, in a directory, through any connector. What changes something is shown and not done in a dry run.

mod many;
mod options;
mod read;
mod script;
mod stat;
mod sync;
mod system;
mod write;

pub use options::WriteOptions;
pub use stat::{DirEntry, FileKind, FileStat};
pub use sync::{Compare, Delete, Modes, SyncOptions};
