//! A struct with `#[node]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DataStruct, DeriveInput, Field, Fields, FieldsNamed, Generics, Ident, Path,
    Token, braced, parse_quote,
};

use super::args::{KEYS, args};
use super::attributes::{doc, take};
use super::field::{OURS, field};
use crate::diagnostics::Diagnostics;
use crate::model::Node;

/// Reads it; nothing if it is no struct with named fields.
pub(crate) fn node(cx: &Diagnostics, attr: TokenStream, input: DeriveInput) -> Option<Node> {
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
        Fields::Unit => Punctuated::new(),
        Fields::Unnamed(fields) => {
            cx.error(
                &fields,
                format!("the fields of `{}` have no names\nnote: {what}", input.ident),
            );
            return None;
        }
    };
    let mut attrs = input.attrs;
    let args = args(cx, of_node(cx, &mut attrs, attr));
    again(cx, &mut attrs, &input.ident);
    of_fields(cx, &mut attrs, &input.ident);
    derives(cx, &mut attrs, &input.ident);
    Some(Node {
        args,
        doc: doc(&attrs),
        attrs,
        vis: input.vis,
        ident: input.ident,
        fields: distinct(cx, fields).filter_map(|one| field(cx, &input.generics, one)).collect(),
        generics: input.generics,
    })
}

/// A struct that the compiler could not read, and has said so: the fields that can be read, so that nothing else fails for it.
pub(crate) fn recovered(item: TokenStream) -> Option<DeriveInput> {
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let struct_token = input.parse()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse()?;
        let content;
        let brace_token = braced!(content in input);
        let mut named = Punctuated::new();
        while !content.is_empty() {
            let ahead = content.fork();
            match Field::parse_named(&ahead) {
                Ok(field) => {
                    content.advance_to(&ahead);
                    named.push(field);
                }
                Err(_) => {
                    content.parse::<TokenTree>()?;
                    while !content.is_empty() && !content.peek(Token![,]) {
                        content.parse::<TokenTree>()?;
                    }
                }
            }
            if content.parse::<Option<Token![,]>>()?.is_none() {
                content.parse::<Option<Token![;]>>()?;
            }
        }
        let fields = Fields::Named(FieldsNamed { brace_token, named });
        let data = Data::Struct(DataStruct { struct_token, fields, semi_token: None });
        Ok(DeriveInput { attrs, vis, ident, generics, data })
    };
    parser.parse2(item).ok()
}

/// What `#[node(..)]` takes, written as attributes beside it: what is in the parentheses, and these behind it.
fn of_node(cx: &Diagnostics, attrs: &mut Vec<Attribute>, mut args: TokenStream) -> TokenStream {
    let names: Vec<&str> = KEYS.into_iter().filter(|key| *key != "hosts").collect();
    // What stands above `#[node]` may be an attribute that a derive knows.
    let has_derive = attrs.iter().any(|attr| attr.path().is_ident("derive"));
    let (ours, others) = std::mem::take(attrs).into_iter().partition(|attr| {
        let is_ours = names.iter().any(|name| attr.path().is_ident(name));
        is_ours && !(has_derive && is_above(attr.path()))
    });
    *attrs = others;
    let ours: Vec<Attribute> = ours;
    for attr in ours {
        let meta = &attr.meta;
        let written = meta.to_token_stream().to_string().replace(' ', "");
        let written = written.replace(',', ", ").replace(':', ": ");
        if !is_above(meta.path()) {
            cx.mended(meta.path(), format!("`#[{written}]` is written `#[node({written})]`"));
        }
        let comma = (!args.is_empty()).then(|| quote!(,));
        args.extend(quote!(#comma #meta));
    }
    args
}

/// Whether an attribute stands in front of the `#[node]` that is read: the compiler has said that it knows none of this name.
fn is_above(path: &Path) -> bool {
    // Tests have no places.
    if !proc_macro::is_available() {
        return false;
    }
    let (here, node) = (path.span().unwrap(), proc_macro::Span::call_site());
    (here.line(), here.column()) < (node.line(), node.column())
}

/// The fields, each name once: everything that is made of a field would be reported for the second one.
fn distinct(
    cx: &Diagnostics,
    fields: impl IntoIterator<Item = Field>,
) -> impl Iterator<Item = Field> {
    let mut known: Vec<Ident> = Vec::new();
    fields.into_iter().filter(move |field| {
        let Some(ident) = &field.ident else { return true };
        let is_new = !known.contains(ident);
        match is_new {
            true => known.push(ident.clone()),
            false => cx.mended(ident, format!("two fields are called `{ident}`")),
        }
        is_new
    })
}

/// A second `#[node]`, which would make everything once more.
fn again(cx: &Diagnostics, attrs: &mut Vec<Attribute>, ident: &Ident) {
    for attr in take(attrs, &["node"]) {
        cx.mended(attr, format!("`{ident}` has two `#[node]`\nnote: one says it all, such as `#[node(parallel, roles(queue))]`"));
    }
}

/// Attributes of fields that stand on the struct.
fn of_fields(cx: &Diagnostics, attrs: &mut Vec<Attribute>, ident: &Ident) {
    let names: Vec<&str> = OURS.into_iter().filter(|name| *name != "node").collect();
    for attr in take(attrs, &names) {
        let path = attr.path();
        let own = match path.is_ident("hosts") {
            true => {
                format!("\nnote: a node's own hosts are `#[node(hosts = {ident}Roles {{ .. }})]`")
            }
            false => String::new(),
        };
        let name = path.get_ident().map(Ident::to_string).unwrap_or_default();
        if is_above(path) {
            continue;
        }
        cx.mended(path, format!("`#[{name}]` stands on a field of a node{own}"));
    }
}

/// What nodes cannot be: they are neither made, copied nor compared as values.
fn derives(cx: &Diagnostics, attrs: &mut [Attribute], ident: &Ident) {
    const NEVER: [&str; 10] = [
        "Clone",
        "Copy",
        "Default",
        "PartialEq",
        "Eq",
        "PartialOrd",
        "Ord",
        "Hash",
        "Serialize",
        "Deserialize",
    ];
    for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
        let Ok(paths) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        let is_never = |path: &Path| {
            path.segments.last().is_some_and(|last| NEVER.iter().any(|name| last.ident == name))
        };
        let Some(never) = paths.iter().find(|path| is_never(path)) else { continue };
        let name = never.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        cx.mended(
            never,
            format!("`{name}` on a node, which is no value: it stays in its tree, and `{ident}::builder()` makes it\nnote: of the derives `Debug` is for nodes as well"),
        );
        let rest = paths.iter().filter(|path| !is_never(path));
        attr.meta = parse_quote!(derive(#(#rest),*));
    }
}
