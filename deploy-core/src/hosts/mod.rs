//! [`Host`] and [`Hosts`]: values that commands run on, with their context.
//!
//! The engine between commands and transports: time limits, retries, bounded concurrency, output
//! lines as events. Knows no nodes.

mod files;
mod host;
mod hosts;
mod lines;
mod per_host;
mod run;

pub use files::{DirEntry, FileKind, FileStat, WriteOptions};
pub use host::Host;
pub(crate) use hosts::bounded;
pub use hosts::{AsHosts, Hosts};
pub use per_host::PerHost;
