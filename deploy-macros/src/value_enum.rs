//! `#[derive(ValueEnum)]`: an enum as an argument whose values are known: clap's trait of this name, and `FromStr`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitStr, Variant};

use crate::diagnostics::Diagnostics;
use crate::model::plain;
use crate::parse::{doc_of, values};

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let cx = Diagnostics::default();
    // What is wrong with the syntax of an enum the compiler has said.
    let tokens = syn::parse2::<DeriveInput>(input).ok().map(|input| expand(&cx, &input));
    let errors = cx.finish();
    quote!(#tokens #errors)
}

fn expand(cx: &Diagnostics, input: &DeriveInput) -> TokenStream {
    let Data::Enum(data) = &input.data else {
        cx.error(
            &input.ident,
            format!("`{}` is no enum: `ValueEnum` lists its variants", input.ident),
        );
        return TokenStream::new();
    };
    let ident = &input.ident;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("value")) {
        cx.error(attr, "`#[value(..)]` stands on a variant");
    }
    if data.variants.is_empty() {
        cx.error(ident, format!("`{ident}` has no variants, and so no word is one of its values"));
    }
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let variants: Vec<&Variant> = data
        .variants
        .iter()
        .filter(|variant| {
            let plain = matches!(variant.fields, Fields::Unit);
            if !plain {
                cx.error(
                    variant,
                    format!(
                        "`{}` holds a value, and a word of the command line cannot",
                        variant.ident
                    ),
                );
            }
            plain
        })
        .collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    // A variant that holds a value has been reported.
    let rest =
        (variants.len() < data.variants.len()).then(|| quote!(_ => ::core::option::Option::None,));
    let mut words = Vec::new();
    let possible: Vec<TokenStream> =
        variants.iter().map(|variant| possible(cx, variant, &mut words)).collect();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::deploy_core::__private::ValueEnum for #ident #ty_generics #where_clause {
            fn value_variants<'a>() -> &'a [Self] {
                &[#(Self::#names),*]
            }
            fn to_possible_value(
                &self,
            ) -> ::core::option::Option<::deploy_core::__private::PossibleValue> {
                match *self {
                    #(Self::#names => ::core::option::Option::Some(#possible),)*
                    #rest
                }
            }
        }
        #[automatically_derived]
        impl #impl_generics ::core::str::FromStr for #ident #ty_generics #where_clause {
            type Err = ::std::string::String;
            fn from_str(word: &str) -> ::core::result::Result<Self, ::std::string::String> {
                ::deploy_core::__private::read_value(word)
            }
        }
    }
}

fn possible(cx: &Diagnostics, variant: &Variant, words: &mut Vec<(String, Ident)>) -> TokenStream {
    let word = kebab(&plain(&variant.ident));
    let (mut name, mut aliases) = (LitStr::new(&word, variant.ident.span()), Vec::new());
    for attr in variant.attrs.iter().filter(|attr| attr.path().is_ident("value")) {
        values(cx, attr, &mut name, &mut aliases);
    }
    for word in std::iter::once(&name).chain(&aliases) {
        let text = word.value();
        match words.iter().find(|(known, _)| *known == text) {
            _ if text.is_empty() => {
                cx.error(word, format!("the name of `{}` is empty", variant.ident));
            }
            Some((_, other)) if *other == variant.ident => {
                cx.error(word, format!("`{text}` is a name of `{other}` already: leave it out"));
            }
            Some((_, other)) => cx.error(
                word,
                format!("`{text}` is the name of two values: `{other}` and `{}`", variant.ident),
            ),
            None => words.push((text, variant.ident.clone())),
        }
    }
    let documented = variant.attrs.iter().any(|attr| attr.path().is_ident("doc"));
    let help = documented.then(|| doc_of(&variant.attrs)).map(|help| quote!(.help(#help)));
    quote!(::deploy_core::__private::PossibleValue::new(#name) #(.alias(#aliases))* #help)
}

/// `BlueGreen` as `blue-green`, `HTTPServer` as `http-server`.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    let mut before: Option<char> = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let begins = match before {
            Some(before) if before.is_uppercase() => rest.peek().is_some_and(|c| c.is_lowercase()),
            Some(before) => before != '_',
            None => false,
        };
        if c.is_uppercase() && begins {
            out.push('-');
        }
        if c == '_' {
            out.push('-');
        } else {
            out.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn variants_are_words() {
        assert_eq!(kebab("BlueGreen"), "blue-green");
        assert_eq!(kebab("Up"), "up");
        assert_eq!(kebab("HTTPServer"), "http-server");
        assert_eq!(kebab("Http2Only"), "http2-only");
        assert_eq!(kebab("X86_64"), "x86-64");
        assert_eq!(kebab("TLS"), "tls");
    }
}
