//! `XOverrides`: what can be set in a node. `XBuilder`: sets it, and is built once every required property is set.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, parse_quote};

use super::names::{Names, generics};
use crate::model::{Field, FieldKind, Node, Property, PropertyKind, plain};

pub(super) fn builder(node: &Node, names: &Names) -> TokenStream {
    let overrides = overrides(node, names);
    let required: Vec<&Field> = node
        .properties()
        .filter(|(_, property)| matches!(property.kind, PropertyKind::Required))
        .map(|(field, _)| field)
        .collect();
    let marks: Vec<Ident> = (0..required.len()).map(|index| format_ident!("__R{index}")).collect();
    let needs: Vec<Ident> = required.iter().map(|field| needs(node, &field.ident)).collect();
    let declared = needs.iter().zip(&required).map(|(name, field)| needs_trait(node, name, field));
    // A property called `build` has been reported.
    let setters =
        node.properties().filter(|(field, _)| field.ident != "build").map(|(field, property)| {
            let index = required.iter().position(|other| other.ident == field.ident);
            setter(field, property, names, node, &marks, index)
        });
    let Names {
        ty, builder: name, overrides: set, ty_generics, impl_generics, where_clause, ..
    } = names;
    let with_marks = generics(node, marks.iter().map(|mark| parse_quote!(#mark)));
    let (impl_marks, ty_marks, _) = with_marks.split_for_impl();
    let defaults = marks.iter().map(|mark| parse_quote!(#mark = ::deploy_core::__private::Missing));
    let declaration = generics(node, defaults);
    let vis = &node.vis;
    let doc = format!("Sets the properties of a [`{}`].", node.ident);
    quote! {
        #overrides
        #(#declared)*
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations)]
        #vis struct #name #declaration #where_clause {
            __overrides: #set #ty_generics,
            __given: ::core::marker::PhantomData<fn() -> (#(#marks,)*)>,
        }
        #[automatically_derived]
        #[allow(dead_code, private_interfaces, private_bounds)]
        impl #impl_marks #name #ty_marks #where_clause {
            #(#setters)*
            #[doc(hidden)]
            pub fn build(self) -> ::deploy_core::__private::Draft<#ty> where #(#marks: #needs,)* {
                ::deploy_core::__private::Draft { overrides: self.__overrides }
            }
        }
        #[automatically_derived]
        impl #impl_generics ::core::default::Default for #name #ty_generics #where_clause {
            fn default() -> Self {
                Self {
                    __overrides: ::deploy_core::__private::Overrides::empty(),
                    __given: ::core::marker::PhantomData,
                }
            }
        }
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #impl_generics #ty #where_clause {
            #[doc = #doc]
            pub fn builder() -> #name #ty_generics {
                ::core::default::Default::default()
            }
        }
    }
}

fn overrides(node: &Node, names: &Names) -> TokenStream {
    let Names { overrides, marker, impl_generics, ty_generics, where_clause, .. } = names;
    let vis = &node.vis;
    let idents: Vec<&Ident> = node.fields.iter().map(|field| &field.ident).collect();
    let slots = node.fields.iter().map(|field| {
        let ty = &field.ty;
        match &field.kind {
            FieldKind::Child(_) => quote!(::deploy_core::__private::Deep<#ty>),
            FieldKind::Property(property) if property.exact => {
                quote!(::deploy_core::__private::Slot<#ty>)
            }
            FieldKind::Property(_) => quote!(::deploy_core::__private::IntoSlot<#ty>),
        }
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, private_interfaces, missing_debug_implementations)]
        #vis struct #overrides #impl_generics #where_clause {
            #(pub #idents: #slots,)*
            __generics: ::core::marker::PhantomData<fn() -> #marker>,
        }
        #[automatically_derived]
        impl #impl_generics ::deploy_core::__private::Overrides for #overrides #ty_generics
        #where_clause
        {
            fn empty() -> Self {
                Self {
                    #(#idents: ::core::default::Default::default(),)*
                    __generics: ::core::marker::PhantomData,
                }
            }
        }
    }
}

/// The name of the trait that says that a required property is set.
fn needs(node: &Node, property: &Ident) -> Ident {
    format_ident!("{}Needs_{}", node.ident, plain(property))
}

fn needs_trait(node: &Node, name: &Ident, field: &Field) -> TokenStream {
    let (vis, property) = (&node.vis, plain(&field.ident));
    let message = format!("`{}` needs its property `{property}`", node.ident);
    let label = format!("`{property}` is not set");
    let note = format!(
        "it is `#[required]`: set it where the node is nested, `#[node({property} = value)]`, or on the builder, `.{property}(value)`"
    );
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        #vis trait #name {}
        impl #name for ::deploy_core::__private::Given {}
    }
}

fn setter(
    field: &Field,
    property: &Property,
    names: &Names,
    node: &Node,
    marks: &[Ident],
    required: Option<usize>,
) -> TokenStream {
    let (ident, ty, name) = (&field.ident, &field.ty, &names.builder);
    let taken = if property.exact {
        ty.to_token_stream()
    } else {
        quote_spanned!(ty.span()=> impl ::deploy_core::__private::Sets<#ty>)
    };
    let Some(required) = required else {
        return quote! {
            #[doc(hidden)]
            pub fn #ident(mut self, value: #taken) -> Self {
                self.__overrides.#ident.set(value);
                self
            }
        };
    };
    let given: Vec<TokenStream> = marks
        .iter()
        .enumerate()
        .map(|(index, mark)| {
            if index == required {
                quote!(::deploy_core::__private::Given)
            } else {
                mark.to_token_stream()
            }
        })
        .collect();
    let user = node.generics.params.iter().map(|param| match param {
        GenericParam::Type(ty) => ty.ident.to_token_stream(),
        GenericParam::Const(constant) => constant.ident.to_token_stream(),
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
    });
    quote! {
        #[doc(hidden)]
        pub fn #ident(mut self, value: #taken) -> #name<#(#user,)* #(#given),*> {
            self.__overrides.#ident.set(value);
            #name { __overrides: self.__overrides, __given: ::core::marker::PhantomData }
        }
    }
}
