//! From tokens to the [`model`](crate::model). Never gives up at the first mistake: what is wrong is reported and left out.

mod args;
mod attributes;
mod block;
mod field;
mod hook;
mod keys;
mod node;
mod params;
mod types;
mod variants;

pub(crate) use attributes::{doc as doc_of, replace_self};
pub(crate) use block::block;
pub(crate) use node::{node, recovered};
pub(crate) use types::{bound, mention};
pub(crate) use variants::values;
