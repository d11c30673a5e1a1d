//! What the compiler would ask for in types and generics as they are written, once for each item that we make of them.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, Generics, Lifetime, PathArguments, Token, Type, TypeParamBound, parse_quote,
};

/// The `impl` of an `impl Trait`, which has no name that our tables could say.
pub(super) fn opaque(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if word == "impl" => Some(word.span()),
        TokenTree::Group(group) => opaque(group.stream()),
        _ => None,
    })
}

/// The first borrow in a field's type whose lifetime the struct does not declare. It becomes `'static`, so that the compiler does
/// not ask for one.
pub(super) fn borrowed(ty: &mut Type, declared: &Generics) -> Option<Span> {
    let is_known = |lifetime: &Lifetime| {
        lifetime.ident == "static" || declared.lifetimes().any(|param| param.lifetime == *lifetime)
    };
    match ty {
        Type::Reference(reference) => {
            if reference.lifetime.as_ref().is_some_and(is_known) {
                return borrowed(&mut reference.elem, declared);
            }
            let at = reference.and_token.span;
            reference.lifetime = Some(Lifetime::new("'static", at));
            borrowed(&mut reference.elem, declared);
            Some(at)
        }
        Type::Path(path) => {
            let mut first = None;
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(generics) = &mut segment.arguments else {
                    continue;
                };
                for argument in &mut generics.args {
                    let found = match argument {
                        GenericArgument::Type(ty) => borrowed(ty, declared),
                        GenericArgument::Lifetime(lifetime) if !is_known(lifetime) => {
                            let at = lifetime.span();
                            *lifetime = Lifetime::new("'static", at);
                            Some(at)
                        }
                        _ => None,
                    };
                    first = first.or(found);
                }
                let has_lifetime =
                    generics.args.iter().any(|arg| matches!(arg, GenericArgument::Lifetime(_)));
                if segment.ident == "Cow" && !has_lifetime {
                    let at = segment.ident.span();
                    let lifetime = Lifetime::new("'static", at);
                    generics.args.insert(0, GenericArgument::Lifetime(lifetime));
                    first = first.or(Some(at));
                }
            }
            first
        }
        Type::Tuple(tuple) => {
            tuple.elems.iter_mut().map(|ty| borrowed(ty, declared)).fold(None, Option::or)
        }
        Type::Array(array) => borrowed(&mut array.elem, declared),
        _ => None,
    }
}

/// Why nothing can be of this type, and one that stands in for it: each of our items would say so, and none of them how to mend it.
pub(super) fn impossible(ty: &Type, what: &str) -> Option<(String, Type)> {
    if opaque(ty.to_token_stream()).is_some() {
        let message = format!(
            "{what} has a type with a name: `Arc<dyn Trait + Send + Sync>` for `impl Trait`"
        );
        return Some((message, parse_quote!(::std::string::String)));
    }
    if open(ty.to_token_stream()) {
        let message = format!("{what} says its whole type, without `_`: `String`");
        return Some((message, parse_quote!(::std::string::String)));
    }
    let (unsized_type, instead, ty): (_, _, Type) = match ty {
        Type::Slice(slice) => {
            let element = &slice.elem;
            ("[T]", "Vec<T>", parse_quote!(::std::vec::Vec<#element>))
        }
        Type::TraitObject(object) => (
            "dyn Trait",
            "Arc<dyn Trait + Send + Sync>",
            parse_quote!(::std::sync::Arc<#object + ::core::marker::Send + ::core::marker::Sync>),
        ),
        Type::Path(path) if path.path.is_ident("str") => {
            ("str", "String", parse_quote!(::std::string::String))
        }
        Type::Paren(paren) => return impossible(&paren.elem, what),
        Type::Group(group) => return impossible(&group.elem, what),
        _ => return None,
    };
    Some((format!("{what} is a value of its own: `{instead}` for `{unsized_type}`"), ty))
}

/// Whether some of a type is left to be found out. The `_` of a lifetime is another matter.
fn open(tokens: TokenStream) -> bool {
    let mut is_lifetime = false;
    tokens.into_iter().any(|tree| {
        let behind_tick = is_lifetime;
        is_lifetime = matches!(&tree, TokenTree::Punct(tick) if tick.as_char() == '\'');
        match tree {
            TokenTree::Ident(word) => word == "_" && !behind_tick,
            TokenTree::Group(group) => open(group.stream()),
            _ => false,
        }
    })
}

/// Where `self` stands.
pub(crate) fn mention(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(this) if this == "self" => Some(this.span()),
        TokenTree::Group(group) => mention(group.stream()),
        _ => None,
    })
}

/// Every type parameter is `Send + Sync + 'static`, as nodes are. To say so is to spare the user an error in each of our items.
pub(crate) fn bound(generics: &mut Generics) {
    for param in generics.type_params_mut() {
        param.colon_token.get_or_insert(Token![:](param.ident.span()));
        let bounds: Punctuated<TypeParamBound, Token![+]> =
            parse_quote!(::core::marker::Send + ::core::marker::Sync + 'static);
        param.bounds.extend(bounds);
    }
}
