//! `XRoles`, and `XArrayRoles` of a parallel node that names roles.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::Names;
use crate::model::{Cardinality, Node, Role, plain};

pub(super) fn roles(node: &Node, names: &Names) -> TokenStream {
    let (vis, name) = (&node.vis, &names.roles);
    let Some(declared) = &node.args.roles else {
        let shared = if node.args.parallel { quote!(CellRoles) } else { quote!(HostRoles) };
        let doc = format!("The roles of [`{}`].", names.ident);
        return quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis type #name = ::deploy_core::__private::#shared;
        };
    };
    if !node.args.parallel {
        return structure(node, name, declared);
    }
    let others: Vec<Role> = declared.iter().filter(|role| role.name != "host").cloned().collect();
    let with_host = |cardinality| {
        let host = Role { name: Ident::new("host", names.ident.span()), cardinality };
        std::iter::once(host).chain(others.iter().cloned()).collect::<Vec<_>>()
    };
    let cell = structure(node, name, &with_host(Cardinality::One));
    let array = format_ident!("{}ArrayRoles", names.ident);
    let array = structure(node, &array, &with_host(Cardinality::Any));
    quote!(#cell #array)
}

fn structure(node: &Node, name: &Ident, roles: &[Role]) -> TokenStream {
    let vis = &node.vis;
    let doc = format!("The roles of [`{}`].", node.ident);
    let fields: Vec<&Ident> = roles.iter().map(|role| &role.name).collect();
    let indices = 0..roles.len();
    let texts = roles.iter().map(|role| plain(&role.name));
    let types = roles.iter().map(|role| match role.cardinality {
        Cardinality::One => quote!(::deploy_core::Host),
        _ => quote!(::deploy_core::Hosts),
    });
    let cardinalities = roles.iter().map(|role| match role.cardinality {
        Cardinality::Any => quote!(Any),
        Cardinality::One => quote!(One),
        Cardinality::AtLeastOne => quote!(AtLeastOne),
    });
    let docs = roles.iter().map(|role| format!("The hosts of the role `{}`.", role.name));
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #name { #(#[doc = #docs] pub #fields: #types,)* }

        #[automatically_derived]
        impl ::deploy_core::__private::Roles for #name {
            const SPEC: &'static [::deploy_core::__private::RoleSpec] = &[#(
                ::deploy_core::__private::RoleSpec {
                    name: #texts,
                    cardinality: ::deploy_core::__private::Cardinality::#cardinalities,
                },
            )*];
            fn hosts_of(&self) -> ::std::vec::Vec<::deploy_core::Hosts> {
                ::std::vec![#(::deploy_core::__private::Role::hosts(&self.#fields)),*]
            }
            fn make(__of: &mut dyn ::core::ops::FnMut(::core::primitive::usize) -> ::deploy_core::Hosts) -> Self {
                Self { #(#fields: ::deploy_core::__private::make_role(__of(#indices)),)* }
            }
        }
    }
}
