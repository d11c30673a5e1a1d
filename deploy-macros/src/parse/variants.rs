//! `#[value(..)]` on a variant of a `ValueEnum`.

use syn::{Attribute, LitStr};

use super::attributes::arguments;
use super::keys::{equals, keys};
use crate::diagnostics::Diagnostics;

/// Reads `name = "..", alias = ".."`.
pub(crate) fn values(
    cx: &Diagnostics,
    attr: &Attribute,
    name: &mut String,
    aliases: &mut Vec<LitStr>,
) {
    keys(cx, arguments(attr), &["name", "alias"], "`#[value]`", |key, ident, input| {
        equals(input, ident, "name = \"blue-green\"")?;
        let text: LitStr = input.parse()?;
        match key {
            "name" => *name = text.value(),
            _ => aliases.push(text),
        }
        Ok(())
    });
}
