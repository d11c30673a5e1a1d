//! Files, directories and links.
//!
//! Owns what they should be like; how a host is asked and changed is deploy-core's business. Paths may begin with `~`.

mod absent;
mod attributes;
mod content;
mod directory;
mod file;
mod link;

#[cfg(test)]
mod tests;

pub use absent::{Absent, absent};
pub use attributes::Stat;
pub use content::Content;
pub use directory::{Directory, DirectoryState, directory};
pub use file::{File, FileState, Found, file};
pub use link::{Link, LinkState, link};
