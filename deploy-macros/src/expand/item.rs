//! The user's struct: as written, without our attributes, with one hidden field.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::{Names, behind_name};
use crate::check::contains_itself;
use crate::model::Node;

pub(super) fn item(node: &Node, names: &Names) -> TokenStream {
    let Node { attrs, vis, ident, generics, .. } = node;
    let ctx = &names.ctx;
    let where_clause = &generics.where_clause;
    let generics = behind_name(generics);
    let fields = node.fields.iter().map(|field| {
        let (attrs, vis, ident, ty) = (&field.attrs, &field.vis, &field.ident, &field.ty);
        if contains_itself(node, field) {
            // It has been reported, and would be again as a type of infinite size.
            return quote!(#(#attrs)* #vis #ident: ::std::boxed::Box<#ty>,);
        }
        quote!(#(#attrs)* #vis #ident: #ty,)
    });
    quote! {
        #(#attrs)*
        #vis struct #ident #generics #where_clause {
            #(#fields)*
            #[doc(hidden)]
            __built_by_its_builder_alone: #ctx,
        }
    }
}

pub(super) fn bare(node: &Node) -> TokenStream {
    let Node { attrs, vis, ident, generics, .. } = node;
    let where_clause = &generics.where_clause;
    let fields = node.fields.iter().map(|field| {
        let (attrs, vis, ident, ty) = (&field.attrs, &field.vis, &field.ident, &field.ty);
        quote!(#(#attrs)* #vis #ident: #ty)
    });
    quote!(#(#attrs)* #vis struct #ident #generics #where_clause { #(#fields),* })
}
