//! `key`, `key = value` and `key(..)`, separated by commas, with one message for every unknown or repeated key.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::diagnostics::Diagnostics;
use crate::model::plain;
use crate::names::{guess, list, meant};

/// Reads a list of keys. `read` takes what follows the key; it says `Ok(false)` when it does not know it.
pub(super) fn keys(
    cx: &Diagnostics,
    tokens: TokenStream,
    known: &[&str],
    place: &str,
    mut read: impl FnMut(&str, &Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let key = match input.call(Ident::parse_any) {
                Ok(key) => key,
                Err(_) => {
                    let message = format!("expected one of {}", list(known));
                    cx.error_at(input.span(), message);
                    skip_item(input);
                    continue;
                }
            };
            let name = plain(&key);
            let name = if known.contains(&name.as_str()) {
                name
            } else {
                let meant = meant(&name, known);
                let guess = guess(&name, known);
                let known_list = list(known);
                let message =
                    format!("{place} has no `{name}`{guess}\nnote: it takes {known_list}");
                // A key close to a known one is taken as that one, so that nothing else fails for its lack.
                let Some(meant) = meant else {
                    cx.error(&key, message);
                    skip_item(input);
                    continue;
                };
                cx.mended(&key, message);
                meant.to_owned()
            };
            if seen.contains(&name) && name != "alias" {
                cx.error(&key, format!("`{name}` is given twice"));
            }
            if let Err(error) = read(&name, &key, input) {
                cx.push(error);
                skip_item(input);
                seen.push(name);
                continue;
            }
            seen.push(name);
            if !input.is_empty() && !input.peek(Token![,]) {
                if let Ok(next) = input.fork().call(Ident::parse_any)
                    && known.contains(&plain(&next).as_str())
                {
                    cx.mended(&next, format!("expected `,` between `{key}` and `{next}`"));
                    continue;
                }
                cx.error_at(input.span(), "expected `,`");
            }
            skip_item(input);
        }
        Ok(())
    };
    cx.ok(parser.parse2(tokens));
}

/// Goes behind the next comma.
fn skip_item(input: ParseStream<'_>) {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>().is_ok_and(|comma| comma.is_some()) {
            return;
        }
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// The span of `key`, for a mistake about what should follow it.
pub(super) fn expect_nothing(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) || input.peek(syn::Ident) {
        return Ok(());
    }
    Err(syn::Error::new(key.span(), format!("`{key}` stands alone: it takes no value")))
}

/// Consumes `= ` in front of a value.
pub(super) fn equals(input: ParseStream<'_>, key: &Ident, example: &str) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() && !input.is_empty() && !input.peek(Token![,])
    {
        return Ok(());
    }
    Err(syn::Error::new(key.span(), format!("`{key}` needs a value: `{example}`")))
}
