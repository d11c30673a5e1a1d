//! What was written, as data: one type for a struct, one for an impl block.

mod block;
mod node;

pub(crate) use block::{Action, Block, BlockItem, Hook, Moment, Param, ParamKind, Query, plain};
pub(crate) use node::{
    Cardinality, Child, Field, FieldKind, HostsFor, Mapping, Node, NodeArgs, Property,
    PropertyKind, Role, RoleMap, RoleSource, Set,
};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Expr, GenericArgument, PathArguments, Type};

/// Groups that are written by their small names.
pub(crate) const BUILT_IN_GROUPS: [&str; 6] =
    ["production", "staging", "beta", "local", "other", "utility"];

/// The type's last path segment, if it is a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// `T` of a `Name<T>`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Whether a name stands among tokens, however deep.
pub(crate) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Whether a value of this type is taken as it is: an integer literal turns into nothing but its own type.
pub(crate) fn is_exact(ty: &Type) -> bool {
    const EXACT: [&str; 16] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    last_segment(ty).is_some_and(|segment| {
        EXACT.iter().any(|name| segment.ident == name) && segment.arguments.is_none()
    })
}

/// A value that a property or parameter takes when none is given.
pub(crate) struct DefaultValue {
    pub(crate) expr: Expr,
}
