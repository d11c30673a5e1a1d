//! One child of a node: its values, its hosts, and where it stands, at the user's own tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::names::Names;
use crate::model::{Child, Field, HostsFor, Mapping, Node, RoleMap, RoleSource, Set, plain};
use crate::parse::replace_self;

/// The field in the literal of the node.
pub(super) fn child(
    index: usize,
    field: &Field,
    child: &Child,
    node: &Node,
    names: &Names,
) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    // A base is no node of its own in the tree: it stands where the node does that inherits from it.
    let name = plain(ident);
    let place = (!child.inherit).then(|| quote!(let __at = &__at.child(#name);));
    let (own, deep): (Vec<&Set>, Vec<&Set>) =
        child.sets.iter().partition(|set| set.path.len() == 1);
    let setters = own.iter().map(|set| {
        let (property, value) = (&set.path[0], expression(&set.value, names));
        quote!(.#property(#value))
    });
    let overrides = deep.iter().map(|set| deep_set(set, names));
    let mutable = (!deep.is_empty()).then(|| quote!(mut));
    // A field may come out of a macro of the user's, where a local name of ours is another one: in what has the place of the user's
    // tokens each is written as where it is declared.
    let (made, at) = (quote_spanned!(ident.span()=> __builder), quote!(__at));
    let layers = quote!(&__layers.child(#index, &__draft.overrides));
    let build = quote_spanned!(ident.span()=> #made.build());
    let roles = roles(field, child, names);
    let assertion = assertion(field, node, names);
    let (as_child, end) = (as_child(ty), ends(ty).1);
    let mut builder = quote_spanned!(end=> #as_child::builder());
    for property in own.iter().map(|set| &set.path[0]).filter(|property| hides(property)) {
        let is_a_property = quote_spanned!(property.span()=> is_a_property);
        builder = quote!({
            let #made = #builder;
            if true { #made } else { #made.#property.#is_a_property() }
        });
    }
    let bound = quote_spanned!(end=> #as_child::bind(#layers, #roles, #at)?);
    quote! {
        #ident: {
            #assertion
            #place
            let #made = #builder #(#setters)*;
            let #mutable __draft = #build;
            #(#overrides)*
            #bound
        }
    }
}

/// The child's type by way of what it says of itself: a field that is no node is then reported at one place alone.
pub(super) fn me(ty: &syn::Type) -> TokenStream {
    let (start, end) = ends(ty);
    let open = quote_spanned!(start=> <);
    quote_spanned!(end=> #open #ty as __d::Child>::Me)
}

/// The child's type as what it is, for a call of one of its functions.
pub(super) fn as_child(ty: &syn::Type) -> TokenStream {
    let ((start, end), me) = (ends(ty), me(ty));
    let open = quote_spanned!(start=> <);
    quote_spanned!(end=> #open #me as __d::Child>)
}

/// The runtime's short name and the span of what follows it, in a call that shall have the place of a type.
pub(super) fn runtime_at(ty: &syn::Type) -> (TokenStream, Span) {
    let (start, end) = ends(ty);
    (quote_spanned!(start=> __d), end)
}

/// The spans of a type's first and last token. What begins with the one and ends with the other has the place of the type
/// itself to the compiler, which says the same at the same place but once.
pub(super) fn ends(ty: &syn::Type) -> (Span, Span) {
    let mut tokens = ty.to_token_stream().into_iter();
    let first = tokens.next();
    let last = tokens.last().or_else(|| first.clone());
    let start = first.map_or_else(Span::call_site, |token| token.span());
    let end = match last {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(token) => token.span(),
        None => start,
    };
    (start, end)
}

/// Whether a method that every node has would be taken for the setter of a property that is not there. Whether it is
/// there is then asked first: what comes out of a field that is not has no type, and nothing further is said of it.
fn hides(property: &Ident) -> bool {
    const METHODS: [&str; 6] = ["hosts", "roles", "host", "console", "env", "path"];
    METHODS.contains(&plain(property).as_str())
}

fn expression(value: &syn::Expr, names: &Names) -> TokenStream {
    replace_self(value.to_token_stream(), &names.ty)
}

/// `child.property = value`: each step is found, or not, at its own token.
fn deep_set(set: &Set, names: &Names) -> TokenStream {
    let value = expression(&set.value, names);
    let Some((property, way)) = set.path.split_last() else { return TokenStream::new() };
    let place = way
        .iter()
        // What is wrong with a child is wrong with its step, such as a type that is private to another module. The
        // parentheses have its place, and so has what they stand in.
        .fold(
            quote!(__draft.overrides),
            |outer, step| quote_spanned!(step.span()=> __d::open(&mut (#outer).#step)),
        );
    let set = quote_spanned!(property.span()=> set);
    quote!(#place.#property.#set(#value);)
}

/// Whether the child may stand here, as the compiler sees it.
fn assertion(field: &Field, node: &Node, names: &Names) -> TokenStream {
    let (ty, parent) = (&field.ty, &names.ty);
    let inside = if node.args.parallel { quote!(InParallel) } else { quote!(InNormal) };
    let (start, end) = ends(ty);
    let open = quote_spanned!(start=> <);
    let (cell, inner) = (quote_spanned!(start=> __d::CellOf), quote_spanned!(start=> __d::InnerOf));
    quote_spanned! {end=>
        let () = #open #cell<#ty> as __d::Parallel>::OK;
        let () = #open #open #ty as __d::Child>::Me as __d::NestIn<__d::#inside>>::OK;
        let () = #open #inner<#ty> as __d::ChildOf<#parent>>::OK;
    }
}

fn roles(field: &Field, child: &Child, names: &Names) -> TokenStream {
    let ty = &field.ty;
    let me = me(ty);
    match &child.mapping {
        Mapping::ByName => {
            let (roles, as_child) = (&names.roles, as_child(ty));
            let (at, ours) = (quote!(__at), quote!(__roles));
            quote_spanned!(ends(ty).1=> #as_child::default_roles::<#roles>(#at, #ours)?)
        }
        Mapping::MapRoles { span, roles } => {
            let fields = roles.iter().map(mapped);
            let literal = quote_spanned!(*span=> __d::RolesOf::<#me> { #(#fields,)* });
            literal
        }
        Mapping::Hosts { span, roles, rest } => {
            let fields = roles.iter().map(|hosts| given(hosts, names));
            let rest = rest.as_ref().map(
                |dots| quote_spanned!(*span=> #dots <__d::RolesOf::<#me> as __d::Roles>::empty()),
            );
            let literal = quote_spanned!(*span=> __d::RolesOf::<#me> { #(#fields,)* #rest });
            literal
        }
    }
}

/// `role: the union of ours`.
fn mapped(map: &RoleMap) -> TokenStream {
    let (role, name) = (&map.role, plain(&map.role));
    let hosts = match &map.source {
        RoleSource::All => quote!(&__d::Roles::all(__roles)),
        RoleSource::Roles(ours) => {
            let ours = ours.iter().map(our_role);
            quote!(#(#ours),*)
        }
    };
    quote!(#role: __d::role(__at.path(), #name, &[#hosts])?)
}

fn our_role(role: &Ident) -> TokenStream {
    quote!(&__roles.#role)
}

/// `role: what the user wrote`.
fn given(hosts: &HostsFor, names: &Names) -> TokenStream {
    let (role, name) = (&hosts.role, plain(&hosts.role));
    let values = hosts.hosts.iter().map(|host| {
        let value = expression(host, names);
        quote_spanned!(host.span()=> __d::IntoHosts::into_hosts(#value))
    });
    quote!(#role: __d::given(__at.path(), #name, __d::Vec::from([#(#values),*]))?)
}
