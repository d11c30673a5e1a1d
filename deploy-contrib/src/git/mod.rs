//! Git: a revision of a repository in a directory.

mod checkout;

pub use checkout::{CheckoutState, GitCheckout, There, git_checkout};
