//! What generated code names. Not public API: it may change in any version.

pub use inventory;

pub use crate::cli::main;

pub use crate::command::{AppendWords, Value};
