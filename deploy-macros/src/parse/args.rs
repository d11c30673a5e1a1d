//! `#[node(..)]` on a struct.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Token, parenthesized};

use super::keys::{equals, expect_nothing, keys};
use crate::diagnostics::Diagnostics;
use crate::model::{Cardinality, NodeArgs, Role};
use crate::names::list;

const KEYS: [&str; 5] = ["roles", "parallel", "hosts", "main", "parent"];

pub(super) fn args(cx: &Diagnostics, tokens: TokenStream) -> NodeArgs {
    let mut args = NodeArgs::default();
    keys(cx, tokens, &KEYS, "`#[node]` on a struct", |name, key, input| {
        match name {
            "roles" => args.roles = Some(roles(cx, key, input)?),
            "parallel" => {
                expect_nothing(input, key)?;
                args.parallel = true;
            }
            "hosts" => {
                equals(input, key, "hosts = expression")?;
                args.hosts = Some(input.parse()?);
            }
            "parent" => {
                equals(input, key, "parent = Type")?;
                let at = input.span();
                let wrong = |_| syn::Error::new(at, "a parent is a type: `parent = Root`");
                args.parent = Some(input.parse().map_err(wrong)?);
            }
            _ => {
                expect_nothing(input, key)?;
                args.main = Some(key.clone());
            }
        }
        Ok(())
    });
    args
}

/// `(a, b: One, c: AtLeastOne)`.
fn roles(cx: &Diagnostics, key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Role>> {
    if !input.peek(syn::token::Paren) {
        let message = "`roles` needs a list: `roles(master: One, replica)`";
        return Err(syn::Error::new(key.span(), message));
    }
    let content;
    parenthesized!(content in input);
    let mut roles: Vec<Role> = Vec::new();
    while !content.is_empty() {
        let Ok(name) = content.parse::<Ident>() else {
            let message = "a role is a name: `roles(master: One, replica)`";
            let error = syn::Error::new(content.span(), message);
            // Whoever opened the parentheses complains about what is left in them.
            content.parse::<TokenStream>()?;
            return Err(error);
        };
        let cardinality = match content.parse::<Option<Token![:]>>()? {
            Some(_) => cardinality(cx, &content.parse()?),
            None => Cardinality::Any,
        };
        if roles.iter().any(|role| role.name == name) {
            cx.error(&name, format!("role `{name}` is declared twice"));
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

fn cardinality(cx: &Diagnostics, name: &Ident) -> Cardinality {
    match name.to_string().as_str() {
        "One" => Cardinality::One,
        "AtLeastOne" => Cardinality::AtLeastOne,
        _ => {
            let known = list(["One", "AtLeastOne"]);
            cx.error(
                name,
                format!("`{name}` is no number of hosts\nnote: a role takes {known}, or any number if nothing is said"),
            );
            Cardinality::Any
        }
    }
}
