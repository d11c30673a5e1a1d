//! The macros of `deploy-core`, where they are documented and re-exported.
//!
//! Each is a small compiler: parse → model → check → expand. Knows syn and quote, none of our crates.

mod check;
mod cmd;
mod diagnostics;
mod expand;
#[cfg(test)]
mod golden;
mod model;
mod names;
mod node;
mod parse;
mod renamed;
mod value_enum;

use proc_macro::TokenStream;

/// A node, or the actions of one; see `deploy_core::node`.
#[proc_macro_attribute]
pub fn node(attr: TokenStream, item: TokenStream) -> TokenStream {
    renamed::renamed(node::node(attr.into(), item.into())).into()
}

/// Says where `#[map_roles]` belongs; on a field of a node, `#[node]` reads it.
#[proc_macro_attribute]
pub fn map_roles(_: TokenStream, item: TokenStream) -> TokenStream {
    node::misplaced("map_roles", "a `#[node]` field of a struct with `#[node]`", item.into()).into()
}

/// Says where `#[action]` belongs; in an impl block of a node, `#[node]` reads it.
#[proc_macro_attribute]
pub fn action(_: TokenStream, item: TokenStream) -> TokenStream {
    node::misplaced("action", "a public method of an impl block with `#[node]`", item.into()).into()
}

/// Says where `#[hook]` belongs; in an impl block of a node, `#[node]` reads it.
#[proc_macro_attribute]
pub fn hook(_: TokenStream, item: TokenStream) -> TokenStream {
    node::misplaced("hook", "a private method of an impl block with `#[node]`", item.into()).into()
}

/// The fan-outs of the actions of a parallel node; written by `#[node]` alone.
#[doc(hidden)]
#[proc_macro]
pub fn fan(input: TokenStream) -> TokenStream {
    renamed::renamed(expand::fan(input.into())).into()
}

/// An enum as an argument; see `deploy_core::ValueEnum`.
#[proc_macro_derive(ValueEnum, attributes(value))]
pub fn value_enum(input: TokenStream) -> TokenStream {
    renamed::renamed(value_enum::derive(input.into())).into()
}

/// A command with quoted values; see `deploy_core::cmd`.
#[proc_macro]
pub fn cmd(input: TokenStream) -> TokenStream {
    renamed::renamed(cmd::cmd(input.into())).into()
}
