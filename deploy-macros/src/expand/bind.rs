//! `XProperties`: the values of a node, from which its children are built, with a real `self` in the user's expressions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::child;
use super::imp::depends;
use super::names::Names;
use crate::model::{Field, FieldKind, Node, Property, PropertyKind, is_exact, last_segment};

pub(super) fn bind(node: &Node, names: &Names, clean: bool) -> TokenStream {
    if !clean || is_leaf(node) {
        return TokenStream::new();
    }
    let Names { ident, properties, roles, ctx, marker, .. } = names;
    let Names { impl_generics, ty_generics, where_clause, ty, .. } = names;
    let (idents, types): (Vec<_>, Vec<_>) =
        node.properties().map(|(field, _)| (&field.ident, &field.ty)).unzip();
    let duplicates = node.properties().map(|(field, property)| duplicate(property, &field.ty));
    let children = node.fields.iter().enumerate().filter_map(|(index, field)| {
        let FieldKind::Child(child) = &field.kind else { return None };
        Some(child::child(index, field, child, node, names))
    });
    let generics = (!marker.is_empty())
        .then(|| quote!(__generics: ::core::marker::PhantomData<fn() -> (#marker)>,));
    let declared = if node.generics.params.is_empty() { quote!(<>) } else { impl_generics.clone() };
    quote! {
        struct #properties #declared #where_clause {
            #(#idents: #types,)*
            #generics
        }
        impl #impl_generics #properties #ty_generics #where_clause {
            fn __bind(
                &self,
                __layers: &__d::Layers<'_>,
                __roles: #roles,
                __at: &__d::Place,
            ) -> ::deploy_core::Result<#ty> {
                let __ctx = <#ctx>::new(__at, __roles)?;
                let __roles: &#roles = __ctx.roles();
                __d::Ok(#ident {
                    #(#children,)*
                    #(#idents: #duplicates(&self.#idents),)*
                    __built_by_its_builder_alone: __ctx,
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
    let values = node.fields.iter().enumerate().filter_map(|(index, field)| match &field.kind {
        FieldKind::Property(property) => Some(value(index, field, property)),
        FieldKind::Child(_) => None,
    });
    let new = if names.marker.is_empty() { quote!(Ctx::new) } else { quote!(GenericCtx::new) };
    // Of numbers there is nothing to ask.
    let asked = node.properties().filter(|(_, property)| !property.exact);
    let shared: Vec<_> = asked.map(|(field, _)| shared(&field.ty)).collect();
    let shared = (!shared.is_empty()).then(|| quote!(let _ = (#(#shared),*);));
    if is_leaf(node) {
        return quote! {
            #shared
            __d::Ok(Self {
                #(#values,)*
                __built_by_its_builder_alone: __d::#new(__at, __roles)?,
            })
        };
    }
    let generics =
        (!names.marker.is_empty()).then(|| quote!(__generics: ::core::marker::PhantomData,));
    let mapped = node.children().any(|(field, _)| depends(&field.ty, node));
    let mapped = mapped.then(|| quote!(let () = Self::MAPPED;));
    quote! {
        #shared
        #mapped
        #properties #turbofish { #(#values,)* #generics }
            .__bind(__layers, __roles, __at)
    }
}

/// Whether other threads can have a property, at its type.
fn shared(ty: &syn::Type) -> TokenStream {
    let (start, end) = child::ends(ty);
    let open = quote_spanned!(start=> <);
    quote_spanned!(end=> #open #ty as __d::Shared>::OK)
}

fn value(index: usize, field: &Field, property: &Property) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    let duplicate = duplicate(property, ty);
    let default = match &property.kind {
        PropertyKind::Plain => quote_spanned!(ty.span()=> <#ty as __d::Plain>::plain()),
        PropertyKind::Required => return quote!(#ident: __layers.required(#index, #duplicate)),
        PropertyKind::Default(value) if is_number(&value.expr) && is_whole(ty) => {
            let number = &value.expr;
            return quote!(#ident: __layers.set(#index, #duplicate).unwrap_or(#number));
        }
        PropertyKind::Default(value) if property.exact => {
            let expr = &value.expr;
            // With its type at it, so that the compiler speaks of that and not of another arm.
            quote!({ let __default: #ty = #expr; __default })
        }
        PropertyKind::Default(value) => turned(&value.expr, ty),
    };
    quote! {
        #ident: match __layers.set(#index, #duplicate) {
            ::core::option::Option::Some(__set) => __set,
            ::core::option::Option::None => #default,
        }
    }
}

/// A default of what takes whatever turns into its type. Of a plain number nobody sees here whether that is an alias of a number's.
pub(super) fn turned(expr: &syn::Expr, ty: &syn::Type) -> TokenStream {
    let value = if is_number(unsigned(expr)) {
        quote_spanned!(expr.span()=> __d::Probe::<#ty>::number(#expr))
    } else {
        expr.to_token_stream()
    };
    quote_spanned!(expr.span()=> __d::Sets::<#ty>::value(#value))
}

/// `5` of `-5`.
fn unsigned(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::Unary(negative) if matches!(negative.op, syn::UnOp::Neg(_)) => &negative.expr,
        other => other,
    }
}

/// Whether it is a number as `80`.
fn is_number(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Lit(literal) if matches!(&literal.lit, syn::Lit::Int(number) if number.suffix().is_empty()))
}

/// Whether it is a type of whole numbers, as which every such number is read.
fn is_whole(ty: &syn::Type) -> bool {
    is_exact(ty)
        && last_segment(ty).is_some_and(|name| name.ident.to_string().starts_with(['u', 'i']))
}

fn duplicate(property: &Property, ty: &syn::Type) -> TokenStream {
    match &property.kind {
        PropertyKind::Plain => quote_spanned!(ty.span()=> <#ty as __d::Plain>::duplicate),
        _ => quote_spanned!(ty.span()=> <#ty as __d::Property>::duplicate),
    }
}
