//! `XRoles`, and `XArrayRoles` of a parallel node that names roles.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::Names;
use crate::model::{Cardinality, Node, Role, plain};

/// The roles that the node names; of a parallel node, `host` first.
fn named(node: &Node) -> Option<Vec<Role>> {
    let declared = node.args.roles.as_ref()?;
    if !node.args.parallel {
        return Some(declared.clone());
    }
    let host = Role { name: Ident::new("host", node.ident.span()), cardinality: Cardinality::One };
    let others = declared.iter().filter(|role| role.name != "host").cloned();
    Some(std::iter::once(host).chain(others).collect())
}

/// The roles' struct. Of a parallel node it is generic over what `host` holds: a host in a cell, any number in an array.
pub(super) fn roles(node: &Node, names: &Names) -> TokenStream {
    let (vis, name) = (&node.vis, &names.roles);
    let doc = format!("The roles of [`{}`].", node.ident);
    let Some(roles) = named(node) else {
        let shared = if node.args.parallel { quote!(CellRoles) } else { quote!(HostRoles) };
        return quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis type #name = ::deploy_core::__private::#shared;
        };
    };
    let fields: Vec<&Ident> = roles.iter().map(|role| &role.name).collect();
    let docs = roles.iter().map(|role| format!("The hosts of the role `{}`.", role.name));
    let types = roles.iter().map(|role| match role.cardinality {
        _ if is_cell(node, role) => quote!(__H),
        Cardinality::One => quote!(::deploy_core::Host),
        _ => quote!(::deploy_core::Hosts),
    });
    let generics = node.args.parallel.then(|| quote!(<__H = ::deploy_core::Host>));
    let array = node.args.parallel.then(|| {
        let alias = format_ident!("{}ArrayRoles", node.ident);
        let doc = format!("The roles of an array of [`{}`].", node.ident);
        quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis type #alias = #name<::deploy_core::Hosts>;
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #name #generics { #(#[doc = #docs] pub #fields: #types,)* }
        #array
    }
}

/// Whether the role is the one that isolates.
fn is_cell(node: &Node, role: &Role) -> bool {
    node.args.parallel && role.name == "host"
}

pub(super) fn imp(node: &Node, names: &Names) -> TokenStream {
    let Some(roles) = named(node) else { return TokenStream::new() };
    let name = &names.roles;
    let fields: Vec<&Ident> = roles.iter().map(|role| &role.name).collect();
    let indices = 0..roles.len();
    let rows = roles.iter().map(|role| {
        let text = plain(&role.name);
        match role.cardinality {
            _ if is_cell(node, role) => quote!(of::<__H>(#text)),
            Cardinality::Any => quote!(of::<::deploy_core::Hosts>(#text)),
            Cardinality::One => quote!(of::<::deploy_core::Host>(#text)),
            Cardinality::AtLeastOne => quote!(at_least_one(#text)),
        }
    });
    let (generics, own, array) = if node.args.parallel {
        (quote!(<__H: __d::Role>), quote!(<__H>), quote!(#name<::deploy_core::Hosts>))
    } else {
        (quote!(), quote!(), quote!(Self))
    };
    quote! {
        impl #generics __d::Roles for #name #own {
            type Array = #array;
            const SPEC: &'static [__d::RoleSpec] = &[#(__d::RoleSpec::#rows,)*];
            fn hosts_of(&self) -> __d::Vec<::deploy_core::Hosts> {
                __d::Vec::from([#(__d::Role::hosts(&self.#fields)),*])
            }
            fn make(__of: __d::HostsOf<'_>) -> Self {
                Self { #(#fields: __d::make_role(__of(#indices)),)* }
            }
        }
    }
}
