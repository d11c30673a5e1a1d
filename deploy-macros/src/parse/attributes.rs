//! Doc comments, and telling our attributes from the user's others.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::diagnostics::Diagnostics;
use crate::model::DefaultValue;
use crate::names::meant;

/// The text of doc comments, without the blank after `///`.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let lines: Vec<String> = attrs
        .iter()
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let lines: Vec<&str> =
        lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim().to_owned()
}

/// What stands in the parentheses of an attribute; nothing if there are none.
pub(super) fn arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// Takes the attributes of these names out of `attrs`.
pub(super) fn take(attrs: &mut Vec<Attribute>, names: &[&str]) -> Vec<Attribute> {
    let (ours, others) = std::mem::take(attrs)
        .into_iter()
        .partition(|attr| names.iter().any(|name| attr.path().is_ident(name)));
    *attrs = others;
    ours
}

/// The value of a `#[default(..)]`.
pub(super) fn default_value(cx: &Diagnostics, attr: &Attribute) -> Option<DefaultValue> {
    let parser = |input: ParseStream<'_>| {
        let expr = input.parse()?;
        if input.is_empty() {
            return Ok(DefaultValue { expr });
        }
        Err(input.error("`#[default(..)]` takes one value"))
    };
    cx.ok(parser.parse2(arguments(attr)))
}

/// Takes out attributes that are almost called as one of `known`, after saying so: the compiler would not know them.
pub(super) fn misspelt(cx: &Diagnostics, attrs: &mut Vec<Attribute>, known: &[&str]) {
    const OTHERS: [&str; 4] = ["doc", "cfg", "allow", "expect"];
    attrs.retain(|attr| {
        let Some(name) = attr.path().get_ident().map(ToString::to_string) else { return true };
        let Some(meant) = meant(&name, known) else { return true };
        if meant == name || OTHERS.contains(&name.as_str()) {
            return true;
        }
        cx.error(attr.path(), format!("there is no `#[{name}]`, did you mean `#[{meant}]`?"));
        false
    });
}

/// Replaces `Self` by a type, in tokens that are moved to where `Self` is something else.
pub(crate) fn replace_self(tokens: TokenStream, with: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(tree) = tokens.next() {
        match tree {
            TokenTree::Ident(ident) if ident == "Self" => {
                let in_path = matches!(tokens.peek(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
                // `Site<S>::name()` would be a comparison.
                out.extend(if in_path { quote!(<#with>) } else { with.clone() });
            }
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), replace_self(group.stream(), with));
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            other => out.extend([other]),
        }
    }
    out
}
