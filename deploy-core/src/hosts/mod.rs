//! [`Host`] and [`Hosts`]: values that commands run on, with their context.
//!
//! The engine between commands and transports: time limits, retries, bounded concurrency, output
//! lines as events. Knows no nodes.

mod attempt;
mod failure;
mod files;
mod host;
mod limit;
mod lines;
mod meter;
mod per_host;
mod reach;
mod reboot;
mod run;
mod set;
mod terminal;

pub use files::{Compare, Delete, DirEntry, FileKind, FileStat, Modes, SyncOptions, WriteOptions};
pub use host::Host;
pub use per_host::PerHost;
pub(crate) use set::bounded;
pub use set::{AsHosts, Hosts};
