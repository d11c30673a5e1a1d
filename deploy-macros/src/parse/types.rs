//! What the compiler would ask for in types and generics as they are written, once for each item that we make of them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type, parse_quote};

/// The `impl` of an `impl Trait`, which has no name that our tables could say.
pub(super) fn opaque(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if word == "impl" => Some(word.span()),
        TokenTree::Group(group) => opaque(group.stream()),
        _ => None,
    })
}

/// The first reference without a lifetime in a field's type. It becomes `'static`, so that the compiler does not ask for one.
pub(super) fn borrowed(ty: &mut Type) -> Option<Span> {
    match ty {
        Type::Reference(reference) => {
            if reference.lifetime.is_some() {
                return borrowed(&mut reference.elem);
            }
            let at = reference.and_token.span;
            reference.lifetime = Some(Lifetime::new("'static", at));
            borrowed(&mut reference.elem);
            Some(at)
        }
        Type::Path(path) => {
            let arguments = path.path.segments.iter_mut().map(|segment| &mut segment.arguments);
            let generics = arguments.filter_map(|arguments| match arguments {
                PathArguments::AngleBracketed(generics) => Some(&mut generics.args),
                _ => None,
            });
            let types = generics.flatten().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.map(borrowed).fold(None, Option::or)
        }
        Type::Tuple(tuple) => tuple.elems.iter_mut().map(borrowed).fold(None, Option::or),
        Type::Array(array) => borrowed(&mut array.elem),
        _ => None,
    }
}

/// Every type parameter is `Send + Sync + 'static`, as nodes are. To say so is to spare the user an error in each of our items.
pub(crate) fn bound(generics: &mut Generics) {
    let params: Vec<Ident> = generics.type_params().map(|param| param.ident.clone()).collect();
    for param in params {
        let bounds = parse_quote!(#param: ::core::marker::Send + ::core::marker::Sync + 'static);
        generics.make_where_clause().predicates.push(bounds);
    }
}
