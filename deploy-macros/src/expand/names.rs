//! The names that a node's expansion makes up, and its generics in the forms that it needs.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics};

use crate::model::Node;
use crate::parse::bound;

pub(super) struct Names {
    pub(super) ident: Ident,
    pub(super) roles: Ident,
    pub(super) builder: Ident,
    pub(super) properties: Ident,
    pub(super) array: Ident,
    pub(super) fan: Ident,
    /// `<S: Stage>`, for `impl`.
    pub(super) impl_generics: TokenStream,
    /// `<S>`.
    pub(super) ty_generics: TokenStream,
    pub(super) where_clause: TokenStream,
    /// The type parameters, as types of values: `*const S,`.
    pub(super) marker: TokenStream,
    /// The type of what the macros add.
    pub(super) ctx: TokenStream,
    /// The node's type: `Site<S>`.
    pub(super) ty: TokenStream,
}

impl Names {
    pub(super) fn of(node: &Node) -> Self {
        let ident = node.ident.clone();
        let mut generics = node.generics.clone();
        bound(&mut generics);
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let marker = marker(&node.generics);
        let roles = format_ident!("{ident}Roles");
        let ctx = if marker.is_empty() {
            quote!(::deploy_core::__private::Ctx<#roles>)
        } else {
            quote!(::deploy_core::__private::GenericCtx<#roles, (#marker)>)
        };
        Self {
            roles,
            ctx,
            builder: format_ident!("{ident}Builder"),
            properties: format_ident!("{ident}Properties"),
            array: array_name(&ident),
            fan: fan_name(&ident),
            impl_generics: impl_generics.to_token_stream(),
            ty_generics: ty_generics.to_token_stream(),
            where_clause: where_clause.to_token_stream(),
            marker,
            ty: quote!(#ident #ty_generics),
            ident,
        }
    }
}

/// The local type that an array of a node dereferences to, on which `impl Array<X>` is written.
/// Messages about `self` there show its name.
pub(super) fn array_name(node: &Ident) -> Ident {
    format_ident!("ArrayOf{node}")
}

/// The local type with the fan-outs of a node's actions.
pub(super) fn fan_name(node: &Ident) -> Ident {
    format_ident!("__{node}Fan")
}

/// The macro that tells an impl block whether its node is parallel. Its name is what the compiler says when the block
/// stands elsewhere.
pub(super) fn guard_name(node: &Ident) -> Ident {
    format_ident!("node_impl_must_stand_after_the_struct_in_the_module_of_{node}")
}

/// What stands behind the name of a struct: its generics, or brackets of the macro's own. Behind a bare name the compiler would
/// propose to declare a type there that is not known, for each struct that we make of one: another error each time.
pub(super) fn behind_name(generics: &Generics) -> TokenStream {
    if generics.params.is_empty() { quote!(<>) } else { generics.to_token_stream() }
}

/// Pointers, which are of one size whatever they point to.
fn marker(generics: &Generics) -> TokenStream {
    let types = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(ty) => Some(&ty.ident),
        _ => None,
    });
    quote!(#(*const #types,)*)
}

/// The user's generics without defaults, followed by `more`.
pub(super) fn generics(node: &Node, more: impl IntoIterator<Item = GenericParam>) -> Generics {
    let mut generics = node.generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Type(ty) => ty.default = None,
            GenericParam::Const(constant) => constant.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    bound(&mut generics);
    generics.where_clause = None;
    generics.params.extend(more);
    generics
}
