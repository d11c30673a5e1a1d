//! The impls that make a struct a node.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::child::{ends, runtime_at};
use super::names::{Names, generics, guard_name};
use super::{bind, child, spec};
use crate::model::{Child, Field, Mapping, Node, argument_of, last_segment, mentions};

pub(super) fn imp(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let node_impl = node_impl(node, names, clean);
    let place = place(node, names);
    let mappings = clean.then(|| mappings(node, names));
    let own = own_methods(node, names);
    quote!(#node_impl #place #mappings #own)
}

fn node_impl(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let Names { ty, roles, builder, .. } = names;
    let Names { impl_generics, ty_generics, where_clause, array, .. } = names;
    let name = names.ident.to_string();
    let (describe, show) = (spec::describe(node, names), spec::show(node));
    let values = bind::values(node, names, clean);
    let children: Vec<_> = node.children().map(|(child, _)| field(child)).collect();
    let children = (!children.is_empty()).then(|| {
        quote! {
            fn children(&self) -> __d::Vec<__d::ChildRef<'_>> {
                __d::Vec::from([#(#children.child_ref()),*])
            }
        }
    });
    let array =
        if node.args.parallel { quote!(#array #ty_generics) } else { quote!(__d::Cells<Self>) };
    let in_array = node.args.parallel.then(|| {
        quote!(
            const ERASE_ARRAY: __d::EraseArray<Self> = __d::Probe::<Self>::ERASE_ARRAY;
        )
    });
    let mapped = clean.then(|| mapped(node, names));
    let own_hosts = node.args.hosts.as_ref().map(|expr| {
        let value = if node.args.parallel {
            quote_spanned!(expr.span()=> ::core::convert::Into::into(#expr))
        } else {
            quote!(#expr)
        };
        quote! {
            const OWN_HOSTS: ::core::primitive::bool = true;
            fn own_hosts() -> ::deploy_core::Result<::core::option::Option<__d::ArrayRolesOf<Self>>> {
                let hosts: __d::ArrayRolesOf<Self> = #value;
                __d::Ok(::core::option::Option::Some(hosts))
            }
        }
    });
    quote! {
        impl #impl_generics __d::NodeImpl for #ty #where_clause {
            type Me = Self;
            const NAME: &'static ::core::primitive::str = #name;
            type Roles = #roles;
            type Overrides = #builder #ty_generics;
            type Array = #array;
            const ERASE: __d::Erase<Self> = __d::Probe::<Self>::ERASE;
            #in_array
            #describe
            fn ctx(&self) -> &__d::Ctx<#roles> {
                &self.__built_by_its_builder_alone
            }
            #show
            #children
            fn bind(
                __layers: &__d::Layers<'_>,
                __roles: #roles,
                __at: &__d::Place,
            ) -> ::deploy_core::Result<Self> {
                #values
            }
            #mapped
            #own_hosts
        }
    }
}

/// A field, to be asked for what is in it.
fn field(field: &Field) -> TokenStream {
    let ident = &field.ident;
    let (value, (runtime, end)) = (quote!(&self.#ident), runtime_at(&field.ty));
    quote_spanned!(end=> #runtime::field(#value))
}

/// What the node can stand in.
fn place(node: &Node, names: &Names) -> TokenStream {
    let Names { ty, impl_generics, where_clause, .. } = names;
    let child_of = match &node.args.parent {
        Some(parent) => {
            let (start, end) = ends(parent);
            let open = quote_spanned!(start=> <);
            let is_node = quote_spanned!(end=> #open #parent as __d::NodeImpl>::NAME);
            quote! {
                impl #impl_generics __d::ChildOf<#parent> for #ty #where_clause {
                    const OK: () = { let _ = #is_node; };
                }
            }
        }
        None => {
            let with_parent = generics(node, [syn::parse_quote!(__P)]);
            let (with_parent, ..) = with_parent.split_for_impl();
            quote! {
                impl #impl_generics __d::IsRoot for #ty #where_clause {}
                impl #with_parent __d::ChildOf<__P> for #ty #where_clause {}
            }
        }
    };
    // Of a node without generics there is nothing to say but that it is one.
    let plain = node.generics.params.is_empty().then(|| quote!(#[diagnostic::do_not_recommend]));
    let nest_in = if node.args.parallel {
        quote! {
            impl #impl_generics __d::NestIn<__d::InParallel>
                for #ty #where_clause {}
        }
    } else {
        let anywhere = generics(node, [syn::parse_quote!(__K)]);
        let (anywhere, ..) = anywhere.split_for_impl();
        quote! {
            impl #anywhere __d::NestIn<__K> for #ty #where_clause {}
        }
    };
    quote! {
        #plain
        impl #impl_generics __d::Child for #ty #where_clause {
            type Me = Self;
            type As = __d::Bare;
        }
        #nest_in
        #child_of
    }
}

/// Checks of the default mapping, for children whose types are known here, and within those that have generics.
fn mappings(node: &Node, names: &Names) -> TokenStream {
    let checks = node.children().filter(|(field, _)| !depends(&field.ty, node)).filter_map(
        |(field, child)| {
            let below = has_arguments(&field.ty).then(|| mapped_below(field));
            let check = mapping(field, child, names);
            let check = match (below, check) {
                (None, check) => check?,
                (below, check) => quote!({ #below #check }),
            };
            // Not spanned, for the reason that `behind_name` has.
            Some(quote!(const _: () = #check;))
        },
    );
    quote!(#(#checks)*)
}

/// The same for children whose types depend on the node's generics: where the node is nested, with types in their places.
fn mapped(node: &Node, names: &Names) -> Option<TokenStream> {
    let checks: Vec<TokenStream> = node
        .children()
        .filter(|(field, _)| depends(&field.ty, node))
        .map(|(field, child)| {
            let (below, check) = (mapped_below(field), mapping(field, child, names));
            let check = check.map(|check| quote!(#check;));
            quote_spanned!(ends(&field.ty).1=> #below #check)
        })
        .collect();
    (!checks.is_empty()).then(|| quote!(const MAPPED: () = { #(#checks)* };))
}

fn mapped_below(field: &Field) -> TokenStream {
    let (start, end) = ends(&field.ty);
    let (open, me) = (quote_spanned!(start=> <), child::me(&field.ty));
    quote_spanned!(end=> let () = #open __d::NodeOf<#me> as __d::NodeImpl>::MAPPED;)
}

/// Whether the type, or what it is an array of, has generic arguments.
fn has_arguments(ty: &syn::Type) -> bool {
    match ["Array", "JustOne"].iter().find_map(|outer| argument_of(ty, outer)) {
        Some(inner) => has_arguments(inner),
        None => last_segment(ty).is_some_and(|segment| !segment.arguments.is_none()),
    }
}

fn mapping(field: &Field, child: &Child, names: &Names) -> Option<TokenStream> {
    if !matches!(child.mapping, Mapping::ByName) {
        return None;
    }
    let (roles, parent) = (&names.roles, names.ident.to_string());
    let name = crate::model::plain(&field.ident);
    let as_child = child::as_child(&field.ty);
    let (runtime, end) = runtime_at(&field.ty);
    Some(quote_spanned! {end=>
        #runtime::mapped_by_name(#as_child::WANTS, <#roles as __d::Roles>::SPEC, #name, #parent)
    })
}

/// Whether a type names one of the node's generic parameters.
pub(super) fn depends(ty: &syn::Type, node: &Node) -> bool {
    node.generics.type_params().any(|param| mentions(quote!(#ty), &param.ident))
        || node.generics.const_params().any(|param| mentions(quote!(#ty), &param.ident))
}

/// `parent()`, `host()`, and the way to what is inherited.
fn own_methods(node: &Node, names: &Names) -> TokenStream {
    let Names { ty, impl_generics, where_clause, .. } = names;
    let vis = &node.vis;
    let parent = node.args.parent.as_ref().map(|parent| {
        quote! {
            impl #impl_generics #ty #where_clause {
                /// The node in which this one stands.
                #vis fn parent(&self) -> &#parent {
                    self.__built_by_its_builder_alone.stands_in()
                }
            }
        }
    });
    let host = node.args.parallel.then(|| {
        quote! {
            impl #impl_generics __d::OneHost for #ty #where_clause {
                fn one_host(&self) -> &::deploy_core::Host {
                    &self.__built_by_its_builder_alone.roles().host
                }
            }
        }
    });
    let inherited = node.children().find(|(_, child)| child.inherit).map(|(field, _)| {
        let (ident, base) = (&field.ident, &field.ty);
        // A base that fewer may see than the node is the compiler's to report, at the base.
        let (start, end) = ends(base);
        let keyword = quote_spanned!(start=> type);
        let target = quote_spanned!(end=> #keyword Target = #base;);
        quote! {
            impl #impl_generics ::core::ops::Deref for #ty #where_clause {
                #target
                fn deref(&self) -> &#base {
                    &self.#ident
                }
            }
        }
    });
    quote!(#parent #host #inherited)
}

pub(super) fn main(node: &Node, names: &Names, clean: bool) -> TokenStream {
    let Some(main) = &node.args.main else { return TokenStream::new() };
    let ty = &names.ident;
    let name = proc_macro2::Ident::new("main", main.span());
    if !clean {
        return quote!(fn #name() {});
    }
    let made = quote_spanned!(ty.span()=> __builder);
    let build = quote_spanned!(ty.span()=> #made.build());
    quote! {
        fn #name() -> ::std::process::ExitCode {
            ::deploy_core::__private::main(|| {
                let #made = #ty::builder();
                #build
            })
        }
    }
}

/// The macro through which an impl block hands what is for parallel nodes alone.
///
/// Of a node with generics it asks as well whether the block is for all of them: of a node that it is not for nobody would see the actions.
pub(super) fn guard(node: &Node, names: &Names) -> TokenStream {
    let name = guard_name(&node.ident);
    let (fan, array) = if node.args.parallel {
        (quote!(::deploy_core::__private::fan! { $($parallel)* }), quote!($($parallel)*))
    } else {
        (quote!(), quote!($($normal)*))
    };
    let applies = applies(node, names);
    quote! {
        #[allow(unused_macros)]
        macro_rules! #name {
            #applies
            (fan $($parallel:tt)*) => { #fan };
            (array { $($normal:tt)* } $($parallel:tt)*) => { #array };
        }
    }
}

/// What asks whether the impl blocks are for all of a node, if it has generics.
fn applies(node: &Node, names: &Names) -> TokenStream {
    if node.generics.params.is_empty() {
        return quote!((applies $($all:tt)*) => {};);
    }
    let Names { ty, array, impl_generics, ty_generics, where_clause, marker, .. } = names;
    let (user, ..) = node.generics.split_for_impl();
    let types = node.generics.type_params().map(|param| &param.ident);
    // What every parameter is stands on the function, so that the compiler finds the place where the user can say what is missing.
    let bounds = quote!(#(#types: ::core::marker::Send + ::core::marker::Sync + 'static),*);
    let arm = |word: Option<TokenStream>, block: &TokenStream| {
        quote! {
            (applies #word $($all:tt)*) => {
                const _: () = {
                    struct __Here #user (::core::marker::PhantomData<fn() -> (#marker)>) #where_clause;
                    impl #impl_generics ::deploy_core::__private::BlockOf for __Here #ty_generics #where_clause {
                        type Node = #block;
                    }
                    impl #user __Here #ty_generics #where_clause {
                        #[allow(dead_code)]
                        fn applies() where #bounds {
                            let _ = $($all)*;
                        }
                    }
                };
            };
        }
    };
    let array = node.args.parallel.then(|| arm(Some(quote!(array)), &quote!(#array #ty_generics)));
    let own = arm(None, ty);
    quote!(#array #own)
}
