//! Hosts as data: which machine ([`HostSpec`]), in which context ([`Context`]), and patterns of names.
//!
//! Knows commands and nothing of connections: what turns a spec into a connection is a transport.

mod context;
mod elevation;
mod fold;
mod pattern;
mod selection;
mod spec;

pub use context::{AsUser, Context};
pub use elevation::Elevation;
pub use fold::fold;
pub(crate) use fold::natural;
pub use pattern::Pattern;
pub(crate) use pattern::glob;
pub(crate) use selection::Selection;
pub use spec::HostSpec;
