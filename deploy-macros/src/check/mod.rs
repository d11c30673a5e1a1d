//! What one item's tokens show to be wrong, beyond a single attribute. What types show is the compiler's to find, with
//! assertions that [`expand`](crate::expand) writes at the user's tokens.

mod block;
mod node;
mod values;

pub(crate) use block::{block, is_of_a_node, taken_by_arrays};
pub(crate) use node::{contains_itself, held, node};
