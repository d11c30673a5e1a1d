//! An impl block: the user's methods, their static description, and adapters from words to arguments.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::fan::fan;
use super::names::{array_name, fan_name, guard_name};
use super::spec::type_name;
use crate::model::{
    Action, Block, BlockItem, DefaultValue, Param, ParamKind, Query, is_exact, last_segment, plain,
};

pub(super) fn block(block: &Block, clean: bool) -> TokenStream {
    let Some(node) = last_segment(&block.node).map(|segment| segment.ident.clone()) else {
        return TokenStream::new();
    };
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let arguments = last_segment(&block.node).map(|segment| segment.arguments.to_token_stream());
    let attrs = &block.attrs;
    let guard = guard_name(&node);
    let written = block.items.iter().map(|item| match item {
        // An action is async whether it waits for something or not.
        BlockItem::Action(_, written) => quote!(#[allow(clippy::unused_async)] #written),
        BlockItem::Query(_, written) | BlockItem::Other(written) => written.clone(),
    });
    let (name, scope) = if block.array {
        (local(&array_name(&node), &block.node), quote!(Array))
    } else {
        (block.self_ty.to_token_stream(), quote!(Cell))
    };
    let subject = if block.array { quote!(#name #arguments) } else { name };
    let described = clean.then(|| describe(block, &subject, &scope));
    let own = quote! {
        #(#attrs)*
        #[allow(unreachable_pub)]
        impl #impl_generics #subject #where_clause { #(#written)* }
        #described
    };
    if block.array {
        let normal = syn::Error::new_spanned(
            &block.self_ty,
            format!(
                "`{node}` is a normal node and cannot be in an `Array`\nnote: nest it as itself, or make it `#[node(parallel)]`"
            ),
        );
        let normal = normal.into_compile_error();
        return quote!(#guard! { array { #normal } #own });
    }
    let node_ty = block.node.to_token_stream();
    let fans = actions(block).map(|action| fan(action, &node_ty));
    let fan_ty = local(&fan_name(&node), &block.node);
    let fans = clean.then(|| {
        quote! {
            #guard! { fan
                #[automatically_derived]
                #[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
                impl #impl_generics #fan_ty #arguments #where_clause { #(#fans)* }
            }
        }
    });
    quote!(#own #fans)
}

/// A made-up name with the span of the node's, so that it is looked up where the user's is.
fn local(name: &Ident, node: &syn::Type) -> TokenStream {
    let mut name = name.clone();
    name.set_span(node.span());
    name.to_token_stream()
}

fn actions(block: &Block) -> impl Iterator<Item = &Action> {
    block.items.iter().filter_map(|item| match item {
        BlockItem::Action(action, _) => Some(&**action),
        _ => None,
    })
}

fn describe(block: &Block, subject: &TokenStream, scope: &TokenStream) -> TokenStream {
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let actions = actions(block).map(|action| action_spec(action, scope));
    let queries = block.items.iter().filter_map(|item| match item {
        BlockItem::Query(query, _) => Some(query_spec(query)),
        _ => None,
    });
    // Not spanned: the compiler would suggest a generic parameter of this block for a type that is not known.
    let keyword = quote!(impl);
    quote_spanned! {block.self_ty.span()=>
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #keyword #impl_generics ::deploy_core::__private::NodeActions for #subject #where_clause {
            const ACTIONS: &'static [::deploy_core::__private::ActionSpec] = &[#(#actions),*];
            const QUERIES: &'static [::deploy_core::__private::PropertySpec] = &[#(#queries),*];
        }
    }
}

fn action_spec(action: &Action, scope: &TokenStream) -> TokenStream {
    let Action { cfg, doc, ident, aliases, default, one_host, no_result, .. } = action;
    let name = action.called();
    let confirm = match &action.confirm {
        Some(question) => quote!(::core::option::Option::Some(#question)),
        None => quote!(::core::option::Option::None),
    };
    let params = action.params.iter().map(param_spec);
    let arguments = action.params.iter().enumerate().map(|(index, param)| argument(index, param));
    let output = &action.output;
    let (run, shown) = if *no_result {
        (quote!(run_silently), None)
    } else {
        let shown = quote_spanned! {output.span()=>
            <<#output as ::deploy_core::__private::Returned>::Value as ::deploy_core::__private::Shown>::shown
        };
        (quote!(run), Some(shown))
    };
    quote! {
        #(#cfg)*
        ::deploy_core::__private::ActionSpec {
            name: #name,
            aliases: &[#(#aliases),*],
            doc: #doc,
            params: &[#(#params),*],
            default: #default,
            one_host: #one_host,
            no_result: #no_result,
            confirm: #confirm,
            scope: ::deploy_core::__private::Scope::#scope,
            run: |__any, __args| ::deploy_core::__private::#run(
                ::deploy_core::__private::me::<Self>(__any).#ident(#(#arguments),*),
                #shown
            ),
        }
    }
}

fn param_spec(param: &Param) -> TokenStream {
    let (name, doc, word) = (plain(&param.ident), &param.doc, &param.word);
    let type_name = type_name(word);
    let kind = match param.kind {
        ParamKind::Required => quote!(Required),
        ParamKind::Optional => quote!(Optional),
        ParamKind::Rest => quote!(Rest),
        ParamKind::Flag => quote!(Flag),
    };
    let default = match &param.default {
        Some(DefaultValue { expr }) => {
            let text = quote!(#expr).to_string();
            quote!(::core::option::Option::Some(#text))
        }
        None => quote!(::core::option::Option::None),
    };
    let check = quote_spanned!(word.span()=> <#word as ::deploy_core::__private::Argument>::check);
    quote! {
        ::deploy_core::__private::ParamSpec {
            name: #name,
            doc: #doc,
            kind: ::deploy_core::__private::ParamKind::#kind,
            type_name: #type_name,
            default: #default,
            values: || ::deploy_core::__private::values!(#word),
            check: #check,
        }
    }
}

/// The words of one parameter as its value.
fn argument(index: usize, param: &Param) -> TokenStream {
    let word = &param.word;
    let how = |method: TokenStream| quote_spanned!(word.span()=> __args.#method(#index, <#word as ::deploy_core::__private::Argument>::parse)?);
    match (param.kind, &param.default) {
        (ParamKind::Flag, _) => quote!(__args.flag(#index)),
        (ParamKind::Rest, _) => how(quote!(rest)),
        (ParamKind::Required, _) => how(quote!(one)),
        (ParamKind::Optional, None) => how(quote!(optional)),
        (ParamKind::Optional, Some(DefaultValue { expr })) => {
            let given = how(quote!(optional));
            let default = if is_exact(word) {
                quote!(#expr)
            } else {
                quote_spanned!(expr.span()=> ::deploy_core::__private::Sets::<#word>::value(#expr))
            };
            quote!(match #given {
                ::core::option::Option::Some(given) => given,
                ::core::option::Option::None => #default,
            })
        }
    }
}

fn query_spec(query: &Query) -> TokenStream {
    let Query { cfg, doc, ident, output } = query;
    let name = plain(ident);
    let type_name = type_name(output);
    quote! {
        #(#cfg)*
        ::deploy_core::__private::PropertySpec {
            name: #name,
            doc: #doc,
            kind: ::deploy_core::__private::PropertyKind::Query,
            type_name: #type_name,
            show: |__any| ::deploy_core::__private::show!(
                &::deploy_core::__private::me::<Self>(__any).#ident()
            ),
        }
    }
}
