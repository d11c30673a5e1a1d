//! A struct with `#[node]`.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Fields};

use super::args::args;
use super::attributes::doc;
use super::field::field;
use crate::diagnostics::Diagnostics;
use crate::model::Node;

/// Reads it; nothing if it is no struct with named fields.
pub(crate) fn node(cx: &Diagnostics, attr: TokenStream, input: DeriveInput) -> Option<Node> {
    let args = args(cx, attr);
    let what = "a node is a struct with named fields";
    let fields = match input.data {
        Data::Struct(data) => data.fields,
        _ => {
            cx.error(&input.ident, format!("`{}` is no struct\nnote: {what}", input.ident));
            return None;
        }
    };
    let fields = match fields {
        Fields::Named(fields) => fields.named,
        Fields::Unit => syn::punctuated::Punctuated::new(),
        Fields::Unnamed(fields) => {
            cx.error(
                &fields,
                format!("the fields of `{}` have no names\nnote: {what}", input.ident),
            );
            return None;
        }
    };
    Some(Node {
        args,
        doc: doc(&input.attrs),
        attrs: input.attrs,
        vis: input.vis,
        ident: input.ident,
        generics: input.generics,
        fields: fields.into_iter().filter_map(|one| field(cx, one)).collect(),
    })
}
