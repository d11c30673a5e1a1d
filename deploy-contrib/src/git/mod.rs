//! Git: a revision of a repository in a directory, as an operation and as a component.

mod checkout;
mod node;

pub use checkout::{CheckoutState, GitCheckout, There, git_checkout};
pub use node::{Git, GitRoles};
