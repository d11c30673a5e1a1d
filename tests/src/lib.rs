//! Tests that cross crates.

pub mod web_system;
