//! The macros of `deploy-core`, where they are documented and re-exported.

mod cmd;

use proc_macro::TokenStream;

/// A command with quoted values; see `deploy_core::cmd`.
#[proc_macro]
pub fn cmd(input: TokenStream) -> TokenStream {
    cmd::cmd(input.into()).into()
}
