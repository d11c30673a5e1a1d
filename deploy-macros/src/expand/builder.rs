//! `XBuilder`: what can be set in a node. It sets it, and is built once every required property is set.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, parse_quote};

use super::child::runtime_at;
use super::names::{Names, behind_name, generics};
use crate::check::held;
use crate::model::{Field, FieldKind, Node, Property, PropertyKind, plain};

/// The required properties, each with the generic parameter that says whether it is set.
fn required(node: &Node) -> Vec<(&Field, Ident)> {
    node.properties()
        .filter(|(_, property)| matches!(property.kind, PropertyKind::Required))
        // Messages show the name.
        .map(|(field, _)| (field, format_ident!("Has_{}", plain(&field.ident))))
        .collect()
}

/// The struct, which other modules name, and the traits that say what is set.
pub(super) fn structure(node: &Node, names: &Names) -> TokenStream {
    let Names { builder: name, where_clause, marker, .. } = names;
    let required = required(node);
    let declared = required.iter().map(|(field, _)| needs_trait(node, field));
    let marks: Vec<&Ident> = required.iter().map(|(_, mark)| mark).collect();
    let defaults = marks.iter().map(|mark| parse_quote!(#mark = ::deploy_core::__private::Missing));
    let declaration = behind_name(&generics(node, defaults));
    let vis = &node.vis;
    let idents = node.fields.iter().map(|field| &field.ident);
    let slots = node.fields.iter().map(slot);
    let phantom = is_marked(names, &marks)
        .then(|| quote!(__given: ::core::marker::PhantomData<fn() -> (#marker #(#marks,)*)>,));
    quote! {
        #(#declared)*
        #[doc(hidden)]
        #[allow(dead_code, private_interfaces, missing_debug_implementations)]
        #vis struct #name #declaration #where_clause { #(pub #idents: #slots,)* #phantom }
    }
}

/// Whether the builder has generics that no field names.
fn is_marked(names: &Names, marks: &[&Ident]) -> bool {
    !(marks.is_empty() && names.marker.is_empty())
}

pub(super) fn imp(node: &Node, names: &Names) -> TokenStream {
    let required = required(node);
    let marks: Vec<&Ident> = required.iter().map(|(_, mark)| mark).collect();
    let needs = required.iter().map(|(field, _)| needs(node, &field.ident));
    // A property called `build` has been reported.
    let setters =
        node.properties().filter(|(field, _)| field.ident != "build").map(|(field, property)| {
            let index = required.iter().position(|(other, _)| other.ident == field.ident);
            setter(field, property, names, node, &marks, index)
        });
    let Names { ty, builder: name, ty_generics, impl_generics, where_clause, .. } = names;
    let with_marks = generics(node, marks.iter().map(|mark| parse_quote!(#mark)));
    let (impl_marks, ty_marks, _) = with_marks.split_for_impl();
    let doc = format!("Sets the properties of a [`{}`].", node.ident);
    let idents: Vec<&Ident> = node.fields.iter().map(|field| &field.ident).collect();
    let given = is_marked(names, &marks).then(|| quote!(__given: ::core::marker::PhantomData,));
    // With other marks it is another type.
    let (marked, built) = if marks.is_empty() {
        (quote!(), quote!(self))
    } else {
        let new: Vec<Ident> = (0..marks.len()).map(|index| format_ident!("__N{index}")).collect();
        let user = user_generics(node);
        let marked = quote! {
            fn __marked<#(#new),*>(self) -> #name<#(#user,)* #(#new),*> {
                #name { #(#idents: self.#idents,)* #given }
            }
        };
        (marked, quote!(self.__marked()))
    };
    let unset = node.fields.iter().map(|field| {
        let (runtime, end) = runtime_at(&field.ty);
        quote_spanned!(end=> #runtime::unset())
    });
    let slot = idents.split_first().map(|(first, others)| {
        quote! {
            fn slot(&self, __field: ::core::primitive::usize) -> &dyn __d::Settable {
                [&self.#first as &dyn __d::Settable, #(&self.#others),*][__field]
            }
        }
    });
    quote! {
        impl #impl_generics __d::Overrides for #name #ty_generics #where_clause {
            fn empty() -> Self {
                Self { #(#idents: #unset,)* #given }
            }
            #slot
        }
        impl #impl_marks #name #ty_marks #where_clause {
            #(#setters)*
            #marked
            pub fn build(self) -> __d::Draft<#ty> where #(#marks: #needs,)* {
                __d::Draft::of(#built)
            }
        }
        impl #impl_generics #ty #where_clause {
            #[doc = #doc]
            pub fn builder() -> #name #ty_generics {
                __d::Overrides::empty()
            }
        }
    }
}

/// What can be set in a field.
fn slot(field: &Field) -> TokenStream {
    let ty = &field.ty;
    match &field.kind {
        FieldKind::Child(_) => {
            // What is set further down is right even if the field is not.
            let ty = held(ty).unwrap_or(ty);
            quote!(::deploy_core::__private::Deep<#ty>)
        }
        FieldKind::Property(property) if property.exact => {
            quote!(::deploy_core::__private::Slot<#ty>)
        }
        FieldKind::Property(_) => quote!(::deploy_core::__private::IntoSlot<#ty>),
    }
}

/// The node's own generics as arguments.
fn user_generics(node: &Node) -> Vec<TokenStream> {
    let user = node.generics.params.iter().map(|param| match param {
        GenericParam::Type(ty) => ty.ident.to_token_stream(),
        GenericParam::Const(constant) => constant.ident.to_token_stream(),
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
    });
    user.collect()
}

/// The name of the trait that says that a required property is set.
fn needs(node: &Node, property: &Ident) -> Ident {
    format_ident!("{}Needs_{}", node.ident, plain(property))
}

fn needs_trait(node: &Node, field: &Field) -> TokenStream {
    let (vis, name, property) = (&node.vis, needs(node, &field.ident), plain(&field.ident));
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
        #[diagnostic::do_not_recommend]
        impl #name for ::deploy_core::__private::Given {}
    }
}

fn setter(
    field: &Field,
    property: &Property,
    names: &Names,
    node: &Node,
    marks: &[&Ident],
    required: Option<usize>,
) -> TokenStream {
    let (ident, ty, name) = (&field.ident, &field.ty, &names.builder);
    let taken = if property.exact {
        ty.to_token_stream()
    } else {
        quote_spanned!(ty.span()=> impl __d::Sets<#ty>)
    };
    let Some(required) = required else {
        return quote! {
            pub fn #ident(mut self, value: #taken) -> Self {
                self.#ident.set(value);
                self
            }
        };
    };
    let given: Vec<TokenStream> = marks
        .iter()
        .enumerate()
        .map(
            |(index, mark)| {
                if index == required { quote!(__d::Given) } else { mark.to_token_stream() }
            },
        )
        .collect();
    let user = user_generics(node);
    quote! {
        pub fn #ident(mut self, value: #taken) -> #name<#(#user,)* #(#given),*> {
            self.#ident.set(value);
            self.__marked()
        }
    }
}
