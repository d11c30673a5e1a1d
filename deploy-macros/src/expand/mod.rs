//! From the model to tokens: the user's item, static data, impl headers, thin adapters, assertions at the user's tokens.
//!
//! Loops, wording and policy live in `deploy_core::__private`. Every path is written out from the root or begins with `__d`,
//! its short name inside of `const _`, so that nothing the user names can get in the way.

mod array;
mod bind;
mod block;
mod builder;
mod child;
mod fan;
mod imp;
mod item;
mod names;
mod roles;
mod spec;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Block, Node};
use names::Names;

/// A node. If something in it is wrong its children are not built, but every name that others use is there.
pub(crate) fn node(node: &Node, clean: bool) -> TokenStream {
    let names = Names::of(node);
    let item = item::item(node, &names);
    let roles = roles::roles(node, &names);
    let builder = builder::structure(node, &names);
    let array = array::structures(node, &names);
    let guard = imp::guard(node, &names);
    let main = imp::main(node, &names, clean);
    let impls = [
        roles::imp(node, &names),
        builder::imp(node, &names),
        imp::imp(node, &names, clean),
        bind::bind(node, &names, clean),
        array::imp(node, &names),
    ];
    quote! {
        #item
        #roles
        #builder
        #array
        #[allow(dead_code, unused_variables, unused_qualifications, missing_docs)]
        #[allow(private_interfaces, private_bounds, clippy::all, clippy::pedantic)]
        const _: () = {
            use ::deploy_core::__private::{self as __d, AnyNode as _, AnyType as _};
            #(#impls)*
        };
        #guard
        #main
    }
}

/// The user's struct alone, without our attributes.
pub(crate) fn bare(node: &Node) -> TokenStream {
    item::bare(node)
}

pub(crate) use fan::fan;

/// An impl block.
pub(crate) fn block(block: &Block, clean: bool) -> TokenStream {
    block::block(block, clean)
}
