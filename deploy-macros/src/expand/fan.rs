//! The fan-outs of a parallel node's actions: the same arguments, run on every cell.
//!
//! An impl block does not know whether its node is parallel, and most are not. So it hands over no more than the signatures
//! ([`signatures`]); what the node's struct has left behind drops them, or gives them to the macro that writes them out
//! ([`fan`]).

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, ReturnType, Token, TraitItemFn, Type, braced, bracketed, parenthesized,
};

use crate::check::taken_by_arrays;
use crate::model::{Action, Block, BlockItem, last_segment};
use crate::parse::replace_self;

/// `[impl generics] [the fan's type] [where clause] [the node] { deploy(commit: String) -> Result; .. }`
pub(super) fn signatures<'a>(
    block: &Block,
    fan: &TokenStream,
    actions: impl Iterator<Item = &'a Action>,
) -> TokenStream {
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let node = &block.node;
    let actions = actions.map(|action| {
        let Action { cfg, ident, output, .. } = action;
        let params = action.params.iter().map(|param| {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(#name: #ty)
        });
        quote!(#(#cfg)* #ident(#(#params),*) -> #output;)
    });
    let broken = block.items.iter().filter_map(|item| match item {
        BlockItem::Broken(signature, _) => Some(broken(signature)),
        _ => None,
    });
    quote!([#impl_generics] [#fan] [#where_clause] [#node] { #(#actions)* #(#broken)* })
}

/// What is said of an action that is wrong and reported: it takes what it takes, and returns a `Result`.
fn broken(signature: &syn::Signature) -> TokenStream {
    let syn::Signature { ident, generics, inputs, output, .. } = signature;
    let inputs = inputs.iter().filter(|input| matches!(input, FnArg::Typed(_)));
    let output = match output {
        ReturnType::Type(_, ty) if last_segment(ty).is_some_and(|name| name.ident == "Result") => {
            quote!(#ty)
        }
        ReturnType::Type(_, ty) => quote!(::deploy_core::Result<#ty>),
        ReturnType::Default => quote!(::deploy_core::Result),
    };
    let where_clause = &generics.where_clause;
    quote!(fn #ident #generics (&self, #(#inputs),*) -> #output #where_clause;)
}

/// One action as [`signatures`] has it.
struct Signature {
    cfg: Vec<Attribute>,
    ident: Ident,
    params: Vec<(Ident, Type)>,
    output: Type,
}

/// The fan-outs of [`signatures`].
pub(crate) fn fan(handed: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let bracketed = || {
            let content;
            bracketed!(content in input);
            content.parse::<TokenStream>()
        };
        let (impl_generics, fan, where_clause) = (bracketed()?, bracketed()?, bracketed()?);
        let node = bracketed()?;
        let content;
        braced!(content in input);
        let mut methods = Vec::new();
        while !content.is_empty() {
            methods.push(if content.peek(Token![fn]) {
                stub(&content.parse()?)
            } else {
                method(signature(&content)?, &node)
            });
        }
        Ok(quote! {
            #[allow(dead_code, deprecated, private_interfaces, unused_qualifications)]
            #[allow(clippy::all, clippy::pedantic)]
            const _: () = {
                use ::deploy_core::{__private as __d, node as __n};
                #[automatically_derived]
                impl #impl_generics #fan #where_clause { #(#methods)* }
            };
        })
    };
    parser.parse2(handed).unwrap_or_else(syn::Error::into_compile_error)
}

fn signature(input: ParseStream<'_>) -> syn::Result<Signature> {
    let cfg = input.call(Attribute::parse_outer)?;
    let ident = input.parse()?;
    let inside;
    parenthesized!(inside in input);
    let param = |input: ParseStream<'_>| {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok((name, input.parse()?))
    };
    let params = Punctuated::<_, Token![,]>::parse_terminated_with(&inside, param)?;
    input.parse::<Token![->]>()?;
    let output = input.parse()?;
    input.parse::<Token![;]>()?;
    Ok(Signature { cfg, ident, params: params.into_iter().collect(), output })
}

/// Stands where the fan-out of an action would that is wrong.
fn stub(function: &TraitItemFn) -> TokenStream {
    let syn::Signature { ident, generics, inputs, output, .. } = &function.sig;
    let ReturnType::Type(_, output) = output else { return TokenStream::new() };
    let where_clause = &generics.where_clause;
    quote! {
        #[allow(unused_variables)]
        pub async fn #ident #generics (#inputs) -> __n::Fanned<#output> #where_clause {
            ::core::unimplemented!()
        }
    }
}

fn method(signature: Signature, node: &TokenStream) -> TokenStream {
    let Signature { cfg, ident, params, output } = signature;
    if let Some(error) = taken_by_arrays(&ident) {
        let error = error.into_compile_error();
        // Stands where items of an impl block do.
        return quote!(#error);
    }
    let doc = format!("Runs [`{ident}`](Self) on every cell.");
    let arguments =
        params.iter().map(|(name, ty)| quote_spanned!(ty.span()=> __d::Clone::clone(&#name)));
    let params = params.iter().map(|(name, ty)| {
        let ty = replace_self(quote!(#ty), node);
        quote!(#name: #ty)
    });
    let span = output.span();
    let output = replace_self(quote!(#output), node);
    let fanned = quote_spanned!(span=> __n::Fanned<#output>);
    quote! {
        #(#cfg)*
        #[doc = #doc]
        pub async fn #ident(&self, #(#params),*) -> #fanned {
            self.0.fan(|__cell| __cell.#ident(#(#arguments),*)).await
        }
    }
}
