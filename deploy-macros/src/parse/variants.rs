//! `#[value(..)]` on a variant of a `ValueEnum`.

use syn::{Attribute, LitStr};

use super::attributes::arguments;
use super::keys::{equals, keys};
use crate::diagnostics::Diagnostics;

/// Reads `name = "..", alias = ".."`.
pub(crate) fn values(
    cx: &Diagnostics,
    attr: &Attribute,
    name: &mut LitStr,
    aliases: &mut Vec<LitStr>,
) {
    if arguments(attr).is_empty() {
        cx.error(
            attr,
            "`#[value]` needs what it says in parentheses: `#[value(name = \"blue-green\")]`",
        );
    }
    keys(cx, arguments(attr), &["name", "alias"], "`#[value]`", |key, ident, input| {
        equals(input, ident, "name = \"blue-green\"")?;
        let at = input.span();
        let wrong =
            |_| syn::Error::new(at, format!("`{key}` takes a text: `{key} = \"blue-green\"`"));
        let text: LitStr = input.parse().map_err(wrong)?;
        match key {
            "name" => *name = text,
            _ => aliases.push(text),
        }
        Ok(())
    });
}
