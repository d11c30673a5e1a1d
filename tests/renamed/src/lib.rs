//! Nodes in a library that knows deploy-core by another name, with every lint at its strictest: what the macros write is
//! held to what people hold their own code to.
//!
//! A library, since a program has no public items whose documentation could be missing.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unsafe_code,
    clippy::pedantic
)]

mod parts;

pub use parts::{Cell, CellArrayRoles, CellRoles, Service, ServiceRoles, Stage, Top, TopRoles};
