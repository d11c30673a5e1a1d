//! Operations, facts and components for deploy-core, one module per domain.
//!
//! Uses only deploy-core's public interface: whatever is here could be in a crate of yours.

pub mod files;
pub mod git;
pub mod packages;
pub mod process;
pub mod service;
pub mod sources;
pub mod template;

mod releases;
mod upload;

pub use files::{absent, directory, file, link};
pub use git::{Git, git_checkout};
pub use packages::{package, packages};
pub use process::process;
pub use releases::{KeepReleases, keep_releases};
pub use service::service;
pub use sources::Inventory;
pub use upload::upload;

/// The guide's code is tested too.
#[cfg(doctest)]
#[doc = include_str!("../../docs/operations.md")]
struct Guide;

#[cfg(doctest)]
#[doc = include_str!("../../docs/hosts.md")]
struct HostsGuide;
