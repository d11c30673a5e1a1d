//! `#[node]`: parse → model → check → expand, for a struct and for an impl block.
//!
//! The user's item is always there again, whatever is wrong with it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::DeriveInput;

use crate::diagnostics::Diagnostics;
use crate::{check, expand, parse};

pub(crate) fn node(attr: TokenStream, item: TokenStream) -> TokenStream {
    if is_impl(&item) { block(attr, item) } else { structure(attr, item) }
}

fn structure(attr: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Diagnostics::default();
    let Ok(input) = syn::parse2::<DeriveInput>(item.clone()) else {
        cx.error_at(Span::call_site(), "`#[node]` stands on a struct, or on the impl block of one");
        return with_errors(item, cx);
    };
    let Some(node) = parse::node(&cx, attr, input) else { return with_errors(item, cx) };
    check::node(&cx, &node);
    if node.generics.lifetimes().next().is_some() {
        // Nothing that we could generate would hold.
        return with_errors(expand::bare(&node), cx);
    }
    let expansion = expand::node(&node, cx.is_clean());
    with_errors(expansion, cx)
}

fn block(attr: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Diagnostics::default();
    if !attr.is_empty() {
        cx.error(
            attr,
            "`#[node]` on an impl block takes nothing\nnote: what it takes goes to the struct",
        );
    }
    let Some(block) = parse::block(&cx, item.clone()) else { return with_errors(item, cx) };
    check::block(&cx, &block);
    let expansion = expand::block(&block, cx.is_clean());
    with_errors(expansion, cx)
}

/// For an attribute that does nothing by itself.
pub(crate) fn misplaced(name: &str, item: TokenStream) -> TokenStream {
    let cx = Diagnostics::default();
    cx.error_at(
        Span::call_site(),
        format!("`#[{name}]` stands on a `#[node]` field of a struct with `#[node]`"),
    );
    with_errors(item, cx)
}

fn with_errors(item: TokenStream, cx: Diagnostics) -> TokenStream {
    let errors = cx.finish();
    quote!(#item #errors)
}

/// Whether the first word after attributes is `impl`.
fn is_impl(item: &TokenStream) -> bool {
    item.clone().into_iter().any(|tree| matches!(&tree, TokenTree::Ident(word) if word == "impl"))
        && !item.clone().into_iter().any(
            |tree| matches!(&tree, TokenTree::Ident(word) if word == "struct" || word == "enum"),
        )
}
