//! `#[node(..)]` on a struct.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{LitStr, Token, bracketed, parenthesized};

use super::keys::{equals, expect_nothing, keys};
use crate::diagnostics::Diagnostics;
use crate::model::{Cardinality, NodeArgs, Role};
use crate::names::list;

pub(super) const KEYS: [&str; 5] = ["roles", "parallel", "hosts", "main", "parent"];

pub(super) fn args(cx: &Diagnostics, tokens: TokenStream) -> NodeArgs {
    let mut args = NodeArgs::default();
    keys(cx, tokens, &KEYS, "`#[node]` on a struct", |name, key, input| {
        match name {
            "roles" => args.roles = Some(roles(cx, key, input)?),
            "parallel" => {
                args.parallel = true;
                expect_nothing(input, key)?;
            }
            "hosts" => {
                equals(input, key, "hosts = WebRoles { host: Host::local().into() }")?;
                args.hosts = Some(input.parse()?);
            }
            "parent" => {
                equals(input, key, "parent = Type")?;
                let at = input.span();
                let wrong = |_| syn::Error::new(at, "a parent is a type: `parent = Root`");
                args.parent = Some(input.parse().map_err(wrong)?);
            }
            _ => {
                args.main = Some(key.clone());
                expect_nothing(input, key)?;
            }
        }
        Ok(())
    });
    args
}

/// `(a, b: One, c: AtLeastOne)`. Other words for a list are taken for one, since the names in it are used elsewhere.
fn roles(cx: &Diagnostics, key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Role>> {
    let content;
    if input.peek(syn::token::Paren) {
        parenthesized!(content in input);
    } else {
        let message = "`roles` needs a list: `roles(master: One, replica)`";
        let ahead = input.fork();
        ahead.parse::<Option<Token![=]>>()?;
        if !ahead.peek(syn::token::Bracket) {
            return Err(syn::Error::new(key.span(), message));
        }
        cx.mended(key, message);
        input.parse::<Option<Token![=]>>()?;
        bracketed!(content in input);
    }
    let mut roles: Vec<Role> = Vec::new();
    let mut quoted = false;
    while !content.is_empty() {
        let name = match role_name(cx, &content, &mut quoted) {
            Ok(name) => name,
            Err(error) => {
                // Whoever opened the parentheses complains about what is left in them.
                content.parse::<TokenStream>()?;
                return Err(error);
            }
        };
        let cardinality = match content.parse::<Option<Token![:]>>()? {
            Some(colon) => cardinality(cx, &colon, &content)?,
            None => Cardinality::Any,
        };
        if roles.iter().any(|role| role.name == name) {
            cx.mended(&name, format!("role `{name}` is declared twice"));
        } else {
            roles.push(Role { name, cardinality });
        }
        if !content.is_empty() {
            let comma = content.parse::<Option<Token![,]>>()?;
            if comma.is_none() {
                let message = "expected `,`\nnote: a role is a name, or a name and how many hosts: `roles(master: One, replica)`";
                let error = syn::Error::new(content.span(), message);
                content.parse::<TokenStream>()?;
                return Err(error);
            }
        }
    }
    Ok(roles)
}

/// A name, or a text that could be one, which is said of the first such text.
fn role_name(cx: &Diagnostics, input: ParseStream<'_>, quoted: &mut bool) -> syn::Result<Ident> {
    let message = "a role is a name: `roles(master: One, replica)`";
    let wrong = input.error(message);
    if !input.peek(LitStr) {
        return input.parse().map_err(|_| wrong);
    }
    let text: LitStr = input.parse()?;
    let mut name = text.parse::<Ident>().map_err(|_| wrong)?;
    name.set_span(text.span());
    if !std::mem::replace(quoted, true) {
        cx.mended(text, message);
    }
    Ok(name)
}

/// What stands behind the colon, up to the next comma.
fn cardinality(
    cx: &Diagnostics,
    colon: &Token![:],
    input: ParseStream<'_>,
) -> syn::Result<Cardinality> {
    let mut written = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        written.extend([input.parse::<TokenTree>()?]);
    }
    let known = list(["One", "AtLeastOne"]);
    let note = format!("note: a role takes {known}, or any number if nothing is said");
    Ok(match written.to_string().as_str() {
        "One" => Cardinality::One,
        "AtLeastOne" => Cardinality::AtLeastOne,
        "" => {
            cx.mended(colon, format!("this `:` says no number of hosts\n{note}"));
            Cardinality::Any
        }
        other => {
            let other = other.replace(' ', "");
            cx.mended(&written, format!("`{other}` is no number of hosts\n{note}"));
            Cardinality::Any
        }
    })
}
