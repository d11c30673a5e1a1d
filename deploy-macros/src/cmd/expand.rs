//! The expression that a command literal stands for.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::Piece;
use super::parse::Value;

/// `Cmd::new().lit("git clone ").part(&url, " ")…`. The values are borrowed no longer than until the end of the statement: nothing of them
/// is held while the command runs.
pub(super) fn command(pieces: &[Piece], literal: Span) -> TokenStream {
    let mut command = nothing();
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        command = match piece {
            Piece::Source(source) => quote!(#command.lit(#source)),
            Piece::Value(value) => {
                let (span, value) = expression(value, literal);
                let after = pieces.next_if(|piece| matches!(piece, Piece::Source(_)));
                let after = match after {
                    Some(Piece::Source(source)) => source,
                    _ => "",
                };
                quote_spanned!(span=> #command.part(&#value, #after))
            }
            Piece::Raw(value) => {
                let (span, value) = expression(value, literal);
                quote_spanned!(span=> #command.raw_part(&#value))
            }
        };
    }
    quote!({
        let __command = #command;
        __command
    })
}

/// A command of nothing, for after an error.
pub(super) fn nothing() -> TokenStream {
    quote!(::deploy_core::Cmd::new())
}

/// The value as tokens that resolve where the macro was called and are shown at the literal. (With the literal's
/// own span rustc would propose to replace the literal by the name.)
fn expression(value: &Value, literal: Span) -> (Span, TokenStream) {
    let span = Span::call_site().located_at(literal);
    let mut parts = value.path.iter();
    let first = parts.next().map(|name| ident(name, span));
    let rest = parts.map(|part| match part.parse::<usize>() {
        Ok(index) => {
            let mut index = Literal::usize_unsuffixed(index);
            index.set_span(span);
            quote_spanned!(span=> .#index)
        }
        Err(_) => {
            let name = ident(part, span);
            quote_spanned!(span=> .#name)
        }
    });
    (span, quote_spanned!(span=> #first #(#rest)*))
}

/// The name of a variable or a field; one that is a keyword can only be meant as `r#type`.
fn ident(name: &str, span: Span) -> Ident {
    let is_path = ["self", "Self", "super", "crate"].contains(&name);
    if is_path || syn::parse_str::<Ident>(name).is_ok() {
        Ident::new(name, span)
    } else {
        Ident::new_raw(name, span)
    }
}
