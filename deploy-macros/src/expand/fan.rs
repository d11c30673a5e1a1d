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
use syn::{Attribute, Token, Type, braced, bracketed, parenthesized};

use crate::check::taken_by_arrays;
use crate::model::{Action, Block};
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
    quote!([#impl_generics] [#fan] [#where_clause] [#node] { #(#actions)* })
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
            methods.push(method(signature(&content)?, &node));
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
