//! The static description of a node.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::names::Names;
use crate::model::{BUILT_IN_GROUPS, Child, Field, Node, Property, PropertyKind, plain};

pub(super) fn spec(node: &Node, names: &Names) -> TokenStream {
    let (name, doc) = (node.ident.to_string(), &node.doc);
    let kind = if node.args.parallel { quote!(Parallel) } else { quote!(Normal) };
    let roles = &names.roles;
    let properties = node.properties().map(|(field, property)| property_spec(field, property));
    let children = node.children().map(|(field, child)| child_spec(field, child));
    let line = quote_spanned!(node.ident.span()=> ::core::line!());
    let file = quote_spanned!(node.ident.span()=> ::core::file!());
    let array = if node.args.parallel {
        let (array, ty_generics) = (&names.array, &names.ty_generics);
        quote!(__d::Probe::<#array #ty_generics>::new())
    } else {
        quote!(__d::Cannot)
    };
    quote! {
        &__d::NodeSpec {
            type_name: #name,
            doc: #doc,
            kind: __d::NodeKind::#kind,
            roles: <#roles as __d::Roles>::SPEC,
            properties: &[#(#properties),*],
            children: &[#(#children),*],
            file: #file,
            line: #line,
            impls: || __d::Impls::new(__d::Probe::<Self>::new().block(), #array.block()),
            type_id: ::core::any::TypeId::of::<Self>,
        }
    }
}

fn property_spec(field: &Field, property: &Property) -> TokenStream {
    let (ident, doc) = (&field.ident, &field.doc);
    let name = plain(ident);
    let type_name = type_name(&field.ty);
    let kind = match property.kind {
        PropertyKind::Plain => quote!(Plain),
        PropertyKind::Default(_) => quote!(Default),
        PropertyKind::Required => quote!(Required),
    };
    quote! {
        __d::PropertySpec::new(
            #name, #doc, __d::PropertyKind::#kind, #type_name,
            |__any| __d::show(&__d::me::<Self>(__any).#ident).text(),
        )
    }
}

fn child_spec(field: &Field, child: &Child) -> TokenStream {
    let (ty, doc, name) = (&field.ty, &field.doc, plain(&field.ident));
    let inherited = child.inherit.then(|| quote!(inherited: true,));
    let group = child.group.as_ref().map(|path| {
        let group = group(path);
        quote!(group: ::core::option::Option::Some(#group),)
    });
    let row = quote!(__d::ChildSpec::new(#name, #doc, || __d::Probe::<#ty>::new().shape()));
    if inherited.is_none() && group.is_none() {
        return row;
    }
    quote!(__d::ChildSpec { #inherited #group ..#row })
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
