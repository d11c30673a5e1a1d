//! `#[node]`: parse → model → check → expand, for a struct and for an impl block.
//!
//! The user's item is always there again, whatever is wrong with it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::{DeriveInput, Generics, Ident, Visibility, parse_quote};

use crate::diagnostics::Diagnostics;
use crate::model::{Field, FieldKind, Property, PropertyKind};
use crate::{check, expand, parse};

pub(crate) fn node(attr: TokenStream, item: TokenStream) -> TokenStream {
    // Of `#[node = ".."]` the compiler has said that there is no such form, and hands over what stands behind the `=`.
    let attr = if is_key_value() { TokenStream::new() } else { attr };
    match kind(&item).as_str() {
        "impl" => block(attr, item),
        kind => structure(attr, item, kind),
    }
}

/// Whether the attribute was written with a `=`.
fn is_key_value() -> bool {
    let written = Span::call_site().source_text().unwrap_or_default();
    written.find(['=', '(']).is_some_and(|at| written[at..].starts_with('='))
}

fn structure(attr: TokenStream, item: TokenStream, kind: &str) -> TokenStream {
    let cx = Diagnostics::default();
    let input = match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(input) => Some(input),
        // What is wrong with the syntax of a struct the compiler has said.
        Err(_) if kind == "struct" => parse::recovered(item.clone()),
        Err(_) => {
            cx.error_at(
                Span::call_site(),
                "`#[node]` stands on a struct, or on the impl block of one",
            );
            None
        }
    };
    let main = main_alone(&attr, kind);
    let node = input.and_then(|input| parse::node(&cx, attr, input));
    let Some(mut node) = node else { return with_errors(quote!(#item #main), cx) };
    check::node(&cx, &mut node);
    if node.generics.lifetimes().next().is_some() {
        // Nothing that we could generate would hold, and nothing shall be said of what the fields do not use.
        node.fields.push(unused(&node.generics));
        let item = expand::bare(&node);
        return with_errors(quote!(#item #main), cx);
    }
    let expansion = expand::node(&node, cx.is_clean());
    with_errors(expansion, cx)
}

/// The `main` of a root that is no node, for its lack would be one more error.
fn main_alone(attr: &TokenStream, kind: &str) -> Option<TokenStream> {
    let is_main = |tree: TokenTree| matches!(tree, TokenTree::Ident(word) if word == "main");
    let is_root = attr.clone().into_iter().any(is_main);
    (is_root && ["struct", "enum", "union"].contains(&kind)).then(|| {
        quote!(
            fn main() {}
        )
    })
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
    if !check::is_of_a_node(&cx, &block) {
        return cx.finish();
    }
    check::block(&cx, &block);
    let expansion = expand::block(&block, cx.is_clean());
    with_errors(expansion, cx)
}

/// For an attribute that does nothing by itself.
pub(crate) fn misplaced(name: &str, place: &str, item: TokenStream) -> TokenStream {
    let cx = Diagnostics::default();
    cx.error_at(Span::call_site(), format!("`#[{name}]` stands on {place}"));
    with_errors(item, cx)
}

fn with_errors(item: TokenStream, cx: Diagnostics) -> TokenStream {
    let errors = cx.finish();
    quote!(#item #errors)
}

/// A field that uses all of the generics.
fn unused(generics: &Generics) -> Field {
    let lifetimes = generics.lifetimes().map(|param| &param.lifetime);
    let types = generics.type_params().map(|param| &param.ident);
    Field {
        attrs: Vec::new(),
        doc: TokenStream::new(),
        vis: Visibility::Inherited,
        ident: Ident::new("__unused", Span::call_site()),
        ty: parse_quote!(::core::marker::PhantomData<(#(&#lifetimes (),)* #(fn() -> #types,)*)>),
        kind: FieldKind::Property(Property { kind: PropertyKind::Plain, exact: true }),
    }
}

/// What kind of item it is: of the words that say so, the first.
fn kind(item: &TokenStream) -> String {
    const KINDS: [&str; 13] = [
        "struct",
        "impl",
        "enum",
        "union",
        "fn",
        "trait",
        "mod",
        "type",
        "static",
        "use",
        "extern",
        "const",
        "macro_rules",
    ];
    let word = item.clone().into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if KINDS.iter().any(|known| word == known) => Some(word),
        _ => None,
    });
    word.map(|word| word.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};
    use quote::quote;

    use super::node;

    fn tokens(stream: TokenStream) -> usize {
        stream
            .into_iter()
            .map(|tree| match tree {
                TokenTree::Group(group) => 2 + tokens(group.stream()),
                _ => 1,
            })
            .sum()
    }

    fn structure(attr: TokenStream) -> usize {
        tokens(node(
            attr,
            quote!(
                pub struct Web {
                    #[required]
                    name: String,
                    #[default(80)]
                    port: u16,
                }
            ),
        ))
    }

    fn actions(count: usize) -> usize {
        let action = quote!(
            pub async fn deploy(&self, commit: String) -> Result {
                Ok(())
            }
        );
        let actions = (0..count).map(|_| action.clone());
        tokens(node(quote!(), quote!(impl Web { #(#actions)* })))
    }

    /// Tokens cost compile time in every crate that declares a node. Raise a budget only for what the language gained.
    #[test]
    fn expansions_stay_small() {
        let (normal, parallel) = (structure(quote!()), structure(quote!(parallel, roles(queue))));
        assert!(normal < 1_900, "a node with two properties: {normal} tokens");
        assert!(parallel < 2_900, "a parallel node with a role: {parallel} tokens");
        let action = actions(3) - actions(2);
        assert!(action < 400, "an action with one argument: {action} tokens");
    }

    #[test]
    fn the_item_is_there_whatever_is_wrong_with_it() {
        for (attr, item) in [
            (
                quote!(paralel),
                quote!(
                    struct Web {
                        name: String,
                    }
                ),
            ),
            (
                quote!(),
                quote!(
                    struct Web(String);
                ),
            ),
            (
                quote!(),
                quote!(
                    enum Web {}
                ),
            ),
            (
                quote!(),
                quote!(
                    fn web() {}
                ),
            ),
            (quote!(), quote!(impl Web { pub async fn f(&self, x: &str) { half typed } })),
        ] {
            let text = node(attr, item.clone()).to_string();
            assert!(text.contains("compile_error"), "{item}");
            assert!(text.contains("Web") || text.contains("web"), "{item}");
        }
    }
}
