//! The impls that make a struct a node.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::names::{Names, generics, guard_name};
use super::{bind, child, spec};
use crate::model::{Child, Field, Mapping, Node};

pub(super) fn imp(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let node_impl = node_impl(node, names, clean);
    let place = place(node, names);
    let mappings = clean.then(|| mappings(node, names));
    let own = own_methods(node, names);
    let main = main(node, names, clean);
    quote!(#node_impl #place #mappings #own #main)
}

fn node_impl(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let Names { ty, roles, array_roles, overrides, builder, marker, .. } = names;
    let Names { impl_generics, ty_generics, where_clause, array, .. } = names;
    let name = names.ident.to_string();
    let spec = spec::spec(node, names);
    let values = bind::values(node, names, clean);
    let children = node.children().map(|(field, _)| &field.ident);
    let array = if node.args.parallel {
        quote!(#array #ty_generics)
    } else {
        quote!(::deploy_core::__private::Cells<Self>)
    };
    let own_hosts = node.args.hosts.as_ref().map(|expr| {
        let value = if node.args.parallel {
            quote_spanned!(expr.span()=> ::core::convert::Into::into(#expr))
        } else {
            quote!(#expr)
        };
        quote! {
            const OWN_HOSTS: ::core::primitive::bool = true;
            fn own_hosts() -> ::core::option::Option<Self::ArrayRoles> {
                let hosts: Self::ArrayRoles = #value;
                ::core::option::Option::Some(hosts)
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, private_interfaces, clippy::all, clippy::pedantic)]
        impl #impl_generics ::deploy_core::__private::NodeImpl for #ty #where_clause {
            type Me = Self;
            type Roles = #roles;
            type ArrayRoles = #array_roles;
            type Generics = #marker;
            type Overrides = #overrides #ty_generics;
            type Builder = #builder #ty_generics;
            type Array = #array;
            const NAME: &'static ::core::primitive::str = #name;
            fn spec() -> &'static ::deploy_core::__private::NodeSpec {
                const { #spec }
            }
            fn ctx(&self) -> &::deploy_core::__private::Ctx<#roles, #marker> {
                &self.__node
            }
            fn children(&self) -> ::std::vec::Vec<::deploy_core::__private::ChildRef<'_>> {
                ::std::vec![#(::deploy_core::__private::child_ref!(&self.#children)),*]
            }
            fn bind(
                __layers: &[&Self::Overrides],
                __roles: #roles,
                __at: &::deploy_core::__private::Place,
            ) -> ::deploy_core::Result<Self> {
                #values
            }
            #own_hosts
        }
    }
}

/// What the node can stand in.
fn place(node: &Node, names: &Names) -> TokenStream {
    let Names { ty, roles, impl_generics, where_clause, .. } = names;
    let child_of = match &node.args.parent {
        Some(parent) => quote! {
            #[automatically_derived]
            impl #impl_generics ::deploy_core::__private::ChildOf<#parent> for #ty #where_clause {}
        },
        None => {
            let with_parent = generics(node, [syn::parse_quote!(__P)]);
            let (with_parent, ..) = with_parent.split_for_impl();
            quote! {
                #[automatically_derived]
                impl #impl_generics ::deploy_core::__private::IsRoot for #ty #where_clause {}
                #[automatically_derived]
                impl #with_parent ::deploy_core::__private::ChildOf<__P> for #ty #where_clause {}
            }
        }
    };
    let nest_in = if node.args.parallel {
        quote! {
            #[automatically_derived]
            impl #impl_generics ::deploy_core::__private::NestIn<::deploy_core::__private::InParallel>
                for #ty #where_clause {}
        }
    } else {
        let anywhere = generics(node, [syn::parse_quote!(__K)]);
        let (anywhere, ..) = anywhere.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #anywhere ::deploy_core::__private::NestIn<__K> for #ty #where_clause {}
        }
    };
    quote! {
        #[automatically_derived]
        #[allow(private_interfaces)]
        impl #impl_generics ::deploy_core::__private::Child for #ty #where_clause {
            type Me = Self;
            type Inner = Self;
            type Of = ::deploy_core::__private::NoArray;
            type N = Self;
            type Roles = #roles;
            const NESTING: ::deploy_core::__private::Nesting = ::deploy_core::__private::Nesting::Bare;
            fn bind(
                layers: &[&::deploy_core::__private::OverridesOf<Self>],
                roles: #roles,
                at: &::deploy_core::__private::Place,
            ) -> ::deploy_core::Result<Self> {
                ::deploy_core::__private::NodeImpl::bind(layers, roles, at)
            }
            fn child_ref(&self) -> ::deploy_core::__private::ChildRef<'_> {
                ::deploy_core::__private::ChildRef::Node(self)
            }
        }
        #nest_in
        #child_of
    }
}

/// Checks of the default mapping, for children whose types are known here.
fn mappings(node: &Node, names: &Names) -> TokenStream {
    let checks = node.children().filter(|(field, _)| !depends(&field.ty, node)).filter_map(
        |(field, child)| {
            let check = mapping(field, child, names)?;
            Some(quote_spanned!(child::ends(&field.ty).1=> const _: () = #check;))
        },
    );
    quote!(#(#checks)*)
}

/// The same for a child whose type depends on the node's generics: made when the node is, with types in their places.
pub(super) fn mapping_when_known(
    field: &Field,
    child: &Child,
    node: &Node,
    names: &Names,
) -> Option<TokenStream> {
    let check = depends(&field.ty, node).then(|| mapping(field, child, names))??;
    Some(quote_spanned!(child::ends(&field.ty).1=> const { #check };))
}

fn mapping(field: &Field, child: &Child, names: &Names) -> Option<TokenStream> {
    if !matches!(child.mapping, Mapping::ByName) {
        return None;
    }
    let (roles, parent) = (&names.roles, names.ident.to_string());
    let name = crate::model::plain(&field.ident);
    let as_child = child::as_child(&field.ty);
    let (start, end) = child::ends(&field.ty);
    let root = quote_spanned!(start=> ::);
    Some(quote_spanned! {end=>
        if let ::core::option::Option::Some(missing) = ::deploy_core::__private::missing_roles(
            #as_child::WANTS,
            <#roles as ::deploy_core::__private::Roles>::SPEC,
            #name,
            #parent,
        ) {
            #root core::panic!("{}", missing.text())
        }
    })
}

fn depends(ty: &syn::Type, node: &Node) -> bool {
    fn mentions(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|tree| match tree {
            proc_macro2::TokenTree::Ident(ident) => ident == name,
            proc_macro2::TokenTree::Group(group) => mentions(group.stream(), name),
            _ => false,
        })
    }
    node.generics.type_params().any(|param| mentions(quote!(#ty), &param.ident.to_string()))
        || node.generics.const_params().any(|param| mentions(quote!(#ty), &param.ident.to_string()))
}

/// `parent()`, `host()`, and the way to what is inherited.
fn own_methods(node: &Node, names: &Names) -> TokenStream {
    let Names { ty, impl_generics, where_clause, .. } = names;
    let vis = &node.vis;
    let parent = node.args.parent.as_ref().map(|parent| {
        quote! {
            #[automatically_derived]
            #[allow(dead_code)]
            impl #impl_generics #ty #where_clause {
                /// The node in which this one stands.
                #vis fn parent(&self) -> &#parent {
                    self.__node.parent()
                }
            }
        }
    });
    let host = node.args.parallel.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics ::deploy_core::__private::OneHost for #ty #where_clause {
                fn one_host(&self) -> &::deploy_core::Host {
                    &self.__node.roles().host
                }
            }
        }
    });
    let inherited = node.children().find(|(_, child)| child.inherit).map(|(field, _)| {
        let (ident, base) = (&field.ident, &field.ty);
        quote! {
            #[automatically_derived]
            impl #impl_generics ::core::ops::Deref for #ty #where_clause {
                type Target = #base;
                fn deref(&self) -> &#base {
                    &self.#ident
                }
            }
        }
    });
    quote!(#parent #host #inherited)
}

fn main(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let Some(main) = &node.args.main else { return TokenStream::new() };
    let ty = &names.ident;
    let name = proc_macro2::Ident::new("main", main.span());
    if !clean {
        return quote!(fn #name() {});
    }
    let build = quote_spanned!(ty.span()=> __builder.build());
    quote! {
        fn #name() -> ::std::process::ExitCode {
            ::deploy_core::__private::main(|| {
                let __builder = #ty::builder();
                #build
            })
        }
    }
}

/// The macro through which an impl block hands what is for parallel nodes alone.
pub(super) fn guard(node: &Node) -> TokenStream {
    let name = guard_name(&node.ident);
    let (fan, array) = if node.args.parallel {
        (quote!($($parallel)*), quote!($($parallel)*))
    } else {
        (quote!(), quote!($($normal)*))
    };
    quote! {
        #[allow(unused_macros)]
        macro_rules! #name {
            (fan $($parallel:tt)*) => { #fan };
            (array { $($normal:tt)* } $($parallel:tt)*) => { #array };
        }
    }
}
