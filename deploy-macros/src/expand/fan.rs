//! The fan-out of an action: the same arguments, run on every cell.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::check::taken_by_arrays;
use crate::model::Action;
use crate::parse::replace_self;

pub(super) fn fan(action: &Action, node: &TokenStream) -> TokenStream {
    if let Some(error) = taken_by_arrays(action) {
        let error = error.into_compile_error();
        // Stands where items of an impl block do.
        return quote!(#error);
    }
    let (cfg, ident) = (&action.cfg, &action.ident);
    let doc = format!("Runs [`{ident}`](Self) on every cell.");
    let params = action.params.iter().map(|param| {
        let (name, ty) = (&param.ident, &param.ty);
        let ty = replace_self(quote!(#ty), node);
        quote!(#name: #ty)
    });
    let arguments = action.params.iter().map(|param| {
        let name = &param.ident;
        quote_spanned!(param.ty.span()=> ::core::clone::Clone::clone(&#name))
    });
    let output = &action.output;
    let output = replace_self(quote!(#output), node);
    let fanned = quote_spanned!(action.output.span()=> ::deploy_core::__private::Fanned<#output>);
    quote! {
        #(#cfg)*
        #[doc = #doc]
        pub async fn #ident(&self, #(#params),*) -> #fanned {
            self.0.fan(|__cell| __cell.#ident(#(#arguments),*)).await
        }
    }
}
