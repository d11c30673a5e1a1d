//! The static description of a node.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::child::runtime_at;
use super::names::Names;
use crate::model::{BUILT_IN_GROUPS, Child, Field, Node, Property, PropertyKind, plain};

pub(super) fn describe(node: &Node, names: &Names) -> TokenStream {
    let doc = &node.doc;
    let kind = if node.args.parallel { quote!(Parallel) } else { quote!(Normal) };
    let properties = node
        .properties()
        .enumerate()
        .map(|(number, (field, property))| property_row(number, field, property));
    let children = node.children().map(|(field, child)| child_row(field, child));
    let array = if node.args.parallel {
        let (array, ty_generics) = (&names.array, &names.ty_generics);
        quote!(__d::Probe::<#array #ty_generics>::BLOCK)
    } else {
        quote!(__d::BlockImpl::NONE)
    };
    let rows = quote!(__rows);
    // The place of the call is where the node is said to be written.
    let itself = quote_spanned! {node.ident.span()=>
        #rows.node(#doc, __d::NodeKind::#kind, __d::Probe::<Self>::BLOCK, #array);
    };
    quote! {
        fn describe(__rows: &mut __d::NodeRows) {
            #itself
            #(#properties)*
            #(#children)*
        }
    }
}

/// What shows its properties.
pub(super) fn show(node: &Node) -> Option<TokenStream> {
    let shown: Vec<_> = node.properties().map(|(field, property)| shown(field, property)).collect();
    let numbers = 0..shown.len();
    (!shown.is_empty()).then(|| {
        quote! {
            fn show(&self, __number: ::core::primitive::usize) -> __d::String {
                match __number {
                    #(#numbers => #shown,)*
                    _ => __d::no_property(__number),
                }
            }
        }
    })
}

/// A property as text. That a number has one need not be found out.
fn shown(field: &Field, property: &Property) -> TokenStream {
    let ident = &field.ident;
    if property.exact {
        quote!(__d::ToString::to_string(&self.#ident))
    } else {
        quote!(__d::show(&self.#ident).text())
    }
}

fn property_row(number: usize, field: &Field, property: &Property) -> TokenStream {
    let (ident, doc) = (&field.ident, &field.doc);
    let name = plain(ident);
    let type_name = type_name(&field.ty);
    let kind = match property.kind {
        PropertyKind::Plain => quote!(Plain),
        PropertyKind::Default(_) => quote!(Default),
        PropertyKind::Required => quote!(Required),
    };
    quote!(__rows.property(#number, #name, #doc, __d::PropertyKind::#kind, #type_name);)
}

fn child_row(field: &Field, child: &Child) -> TokenStream {
    let (ty, doc, name) = (&field.ty, &field.doc, plain(&field.ident));
    let inherited = child.inherit.then(|| quote!(.inherited()));
    let group = child.group.as_ref().map(|path| {
        let group = group(path);
        // With its type at it, so that the compiler speaks of that alone.
        let ty = quote_spanned!(path.span()=> ::deploy_core::Group);
        quote!(.group({ let __group: #ty = #group; __group }))
    });
    let (runtime, end) = runtime_at(ty);
    let shape = quote_spanned!(end=> #runtime::Probe::<#ty>::SHAPE);
    quote!(__rows.child(#name, #doc, #shape)#inherited #group;)
}

/// A built-in group by its small name, or a path to a constant.
fn group(path: &syn::Path) -> TokenStream {
    match path.get_ident() {
        Some(name) if BUILT_IN_GROUPS.iter().any(|known| name == known) => {
            let constant = proc_macro2::Ident::new(&name.to_string().to_uppercase(), name.span());
            quote!(::deploy_core::Group::#constant)
        }
        _ => quote!(#path),
    }
}

/// A type as the user would write it.
pub(super) fn type_name(ty: &syn::Type) -> String {
    tidy(&quote!(#ty))
}

/// Tokens as the user would write them.
pub(super) fn tidy(tokens: &TokenStream) -> String {
    let mut out = String::new();
    let mut joint = false;
    for tree in tokens.clone() {
        let text = match &tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                format!("{open}{}{close}", tidy(&group.stream()))
            }
            other => other.to_string(),
        };
        let called = text.starts_with(['(', '[']) && out.ends_with(|c: char| c.is_alphanumeric());
        let tight = joint
            || called
            || matches!(out.as_str(), "" | "-")
            || out.ends_with(['<', '&', '.', ':', '!'])
            || text.starts_with([',', ';', '.', ':', '<', '>', '?', '!']);
        if !tight {
            out.push(' ');
        }
        out.push_str(&text);
        joint = matches!(&tree, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    }
    out
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::tidy;

    #[test]
    fn tokens_read_as_they_were_written() {
        for (tokens, text) in [
            (quote!(Mode::Fast), "Mode::Fast"),
            (quote!(-5), "-5"),
            (quote!("a (b)"), "\"a (b)\""),
            (quote!(Vec<(u8, Option<String>)>), "Vec<(u8, Option<String>)>"),
            (quote!(Duration::from_secs(3).max(a.b)), "Duration::from_secs(3).max(a.b)"),
            (quote!([0; 3]), "[0; 3]"),
            (quote!(&'static str), "&'static str"),
        ] {
            assert_eq!(tidy(&tokens), text);
        }
    }
}
