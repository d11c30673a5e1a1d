//! Doc comments, and telling our attributes from the user's others.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path};

use crate::diagnostics::Diagnostics;
use crate::model::DefaultValue;
use crate::names::meant;

/// The text of doc comments, without the blank after `///`: a literal, unless some of it is a macro's.
pub(crate) fn doc(attrs: &[Attribute]) -> TokenStream {
    let values: Vec<&Expr> = attrs
        .iter()
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
            _ => None,
        })
        .collect();
    let literal = |value: &Expr| match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    };
    let lines: Vec<Option<String>> = values
        .iter()
        .map(|value| literal(value))
        .map(|line| line.map(|text| text.strip_prefix(' ').unwrap_or(&text).to_owned()))
        .collect();
    if let Some(lines) = lines.iter().cloned().collect::<Option<Vec<_>>>() {
        return lines.join("\n").trim().to_token_stream();
    }
    let parts = lines.iter().zip(values).enumerate().map(|(index, (line, value))| {
        let separator = (index > 0).then(|| quote!("\n",));
        let part = line.as_ref().map_or_else(|| value.to_token_stream(), ToTokens::to_token_stream);
        quote!(#separator #part)
    });
    quote!(::core::concat!(#(#parts),*))
}

/// What stands in the parentheses of an attribute; nothing if there are none.
pub(super) fn arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// Reads what stands in the parentheses of an attribute. What is missing there is missed at their end.
pub(super) fn read<T>(attr: &Attribute, parser: impl Parser<Output = T>) -> syn::Result<T> {
    match &attr.meta {
        Meta::List(list) => list.parse_args_with(parser),
        _ => parser.parse2(TokenStream::new()),
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
    if arguments(attr).is_empty() {
        cx.error(attr, "`#[default]` needs a value: `#[default(8080)]`");
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        let expr = input.parse()?;
        if input.is_empty() {
            return Ok(DefaultValue { expr });
        }
        Err(input.error("`#[default(..)]` takes one value"))
    };
    cx.ok(read(attr, parser))
}

/// Says of attributes that are almost called as one of `known` what is meant. The compiler would not know them, so each is taken for
/// what is meant where that is plain, and taken out otherwise.
pub(super) fn misspelt(cx: &Diagnostics, attrs: &mut Vec<Attribute>, known: &[&str]) {
    const OTHERS: [&str; 4] = ["doc", "cfg", "allow", "expect"];
    attrs.retain_mut(|attr| {
        let segments = &attr.path().segments;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return true };
        let (name, span) = (last.ident.to_string(), last.ident.span());
        let by_path = segments.len() > 1;
        if !by_path && OTHERS.contains(&name.as_str()) {
            return true;
        }
        let Some(meant) = meant(&name, known) else { return true };
        let is_right =
            if by_path { meant != name || first.ident != "deploy_core" } else { meant == name };
        if is_right {
            return true;
        }
        let message = match by_path {
            true => format!("`#[{name}]` is written without a path here"),
            false => format!("there is no `#[{name}]`, did you mean `#[{meant}]`?"),
        };
        let name = Path::from(Ident::new(meant, span));
        match (&mut attr.meta, meant) {
            (Meta::Path(path), "required" | "inherit") => {
                cx.mended(std::mem::replace(path, name), message);
                true
            }
            (Meta::List(list), "default") if !list.tokens.is_empty() => {
                cx.mended(std::mem::replace(&mut list.path, name), message);
                true
            }
            (_, "group" | "action" | "hook") => {
                cx.mended(attr.path(), message);
                false
            }
            _ => {
                cx.error(attr.path(), message);
                false
            }
        }
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
