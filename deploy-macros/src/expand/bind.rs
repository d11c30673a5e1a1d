//! `XProperties`: the values of a node, from which its children are built, with a real `self` in the user's expressions.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::child;
use super::names::Names;
use crate::model::{Field, Node, Property, PropertyKind, plain};

pub(super) fn bind(node: &Node, names: &Names, clean: bool) -> TokenStream {
    if !clean || is_leaf(node) {
        return TokenStream::new();
    }
    let Names { ident, properties, roles, overrides, marker, .. } = names;
    let Names { impl_generics, ty_generics, where_clause, ty, .. } = names;
    let vis = &node.vis;
    let (idents, types): (Vec<_>, Vec<_>) =
        node.properties().map(|(field, _)| (&field.ident, &field.ty)).unzip();
    let children = node.children().map(|(field, child)| child::child(field, child, node, names));
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, private_interfaces, missing_debug_implementations)]
        #vis struct #properties #impl_generics #where_clause {
            #(#idents: #types,)*
            __generics: ::core::marker::PhantomData<fn() -> #marker>,
        }
        #[automatically_derived]
        #[allow(unused_variables, clippy::all, clippy::pedantic)]
        impl #impl_generics #properties #ty_generics #where_clause {
            fn __bind(
                &self,
                __layers: &[&#overrides #ty_generics],
                __roles: #roles,
                __at: &::deploy_core::__private::Place,
            ) -> ::deploy_core::Result<#ty> {
                let __node = ::deploy_core::__private::Ctx::new(__at, __roles)?;
                let __roles: &#roles = __node.roles();
                ::core::result::Result::Ok(#ident {
                    #(#children,)*
                    #(#idents: ::core::clone::Clone::clone(&self.#idents),)*
                    __node,
                })
            }
        }
    }
}

/// Whether nothing is built from its values, so that they need no struct of their own.
fn is_leaf(node: &Node) -> bool {
    node.children().next().is_none()
}

/// The body of `NodeImpl::bind`: the values of the properties first.
pub(super) fn values(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let (properties, turbofish) = (&names.properties, node.generics.split_for_impl().1);
    let turbofish = turbofish.as_turbofish();
    if !clean {
        return quote!(::core::unimplemented!());
    }
    let values = node.properties().map(|(field, property)| value(field, property, node));
    if is_leaf(node) {
        return quote! {
            ::core::result::Result::Ok(Self {
                #(#values,)*
                __node: ::deploy_core::__private::Ctx::new(__at, __roles)?,
            })
        };
    }
    quote! {
        #properties #turbofish { #(#values,)* __generics: ::core::marker::PhantomData }
            .__bind(__layers, __roles, __at)
    }
}

fn value(field: &Field, property: &Property, node: &Node) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    let default = match &property.kind {
        PropertyKind::Plain => {
            quote_spanned!(ty.span()=> || <#ty as ::deploy_core::__private::Plain>::plain())
        }
        PropertyKind::Required => {
            let (node, property) = (node.ident.to_string(), plain(ident));
            quote!(|| ::deploy_core::__private::not_set(#node, #property))
        }
        PropertyKind::Default(value) => {
            let expr = &value.expr;
            if property.exact {
                quote!(|| -> #ty { #expr })
            } else {
                let span = value.expr.span();
                quote_spanned!(span=> || -> #ty { ::deploy_core::__private::Sets::<#ty>::value(#expr) })
            }
        }
    };
    let duplicate = match &property.kind {
        PropertyKind::Plain => {
            quote_spanned!(ty.span()=> <#ty as ::deploy_core::__private::Plain>::duplicate)
        }
        _ => quote_spanned!(ty.span()=> <#ty as ::deploy_core::__private::Property>::duplicate),
    };
    quote!(#ident: ::deploy_core::__private::value(__layers, #duplicate, |__set| &__set.#ident, #default))
}
