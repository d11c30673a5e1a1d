//! An impl block: the user's methods, their static description, and adapters from words to arguments.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::bind::turned;
use super::fan::signatures;
use super::names::{array_name, fan_name, guard_name};
use super::spec::{tidy, type_name};
use crate::model::{
    Action, Block, BlockItem, DefaultValue, Hook, Moment, Param, ParamKind, Query, is_exact,
    last_segment, plain,
};

pub(super) fn block(block: &Block, clean: bool) -> TokenStream {
    let Some(node) = last_segment(&block.node).map(|segment| segment.ident.clone()) else {
        return TokenStream::new();
    };
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let arguments = last_segment(&block.node).map(|segment| segment.arguments.to_token_stream());
    let attrs = &block.attrs;
    // Found as what the macro writes, and missed at the node that it is missing for.
    let mut guard = guard_name(&node);
    guard.set_span(Span::call_site().located_at(node.span()));
    let written = block.items.iter().map(|item| match item {
        BlockItem::Action(_, written)
        | BlockItem::Query(_, written)
        | BlockItem::Hook(_, written)
        | BlockItem::Broken(_, written)
        | BlockItem::Other(written) => written,
    });
    let name = if block.array {
        local(&array_name(&node), &block.node)
    } else {
        block.self_ty.to_token_stream()
    };
    let subject = if block.array { quote!(#name #arguments) } else { name };
    let described = clean.then(|| describe(block, &subject));
    // An action is async whether it waits for something or not, its documentation is help on the command line, and the
    // framework calls what gives a value.
    let own = quote! {
        #(#attrs)*
        #[allow(unreachable_pub, clippy::unused_async, clippy::missing_errors_doc)]
        #[allow(clippy::must_use_candidate)]
        impl #impl_generics #subject #where_clause { #(#written)* }
        #described
    };
    let applies = (clean && !block.generics.params.is_empty()).then(|| {
        let array = block.array.then(|| quote!(array));
        // All of it at the user's tokens, of which the compiler then speaks.
        let span = block.node.span();
        let node = quote_spanned!(span=> <Self as ::deploy_core::__private::BlockOf>::Node);
        let all = quote_spanned!(span=> <#node as ::deploy_core::__private::NodeActions>::describe);
        quote!(#guard! { applies #array #all })
    });
    if block.array {
        let normal = syn::Error::new_spanned(
            &block.self_ty,
            format!(
                "`{node}` is a normal node and cannot be in an `Array`\nnote: nest it as itself, or make it `#[node(parallel)]`"
            ),
        );
        let normal = normal.into_compile_error();
        return quote!(#guard! { array { #normal } #own } #applies);
    }
    let fan_ty = local(&fan_name(&node), &block.node);
    // After a mistake too: whoever calls a fan-out has made none. A node with lifetimes, which has been reported, leaves no guard behind.
    let fans = block.generics.lifetimes().next().is_none().then(|| {
        let signatures = signatures(block, &quote!(#fan_ty #arguments), actions(block));
        quote!(#guard! { fan #signatures })
    });
    quote!(#own #fans #applies)
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

fn describe(block: &Block, subject: &TokenStream) -> TokenStream {
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let (rows, calls): (Vec<_>, Vec<_>) = actions(block)
        .enumerate()
        .map(|(number, action)| (action_row(number, action), call(number, action)))
        .unzip();
    let calls = (!calls.is_empty()).then(|| {
        quote! {
            fn call<'a>(
                __me: &'a Self,
                __number: ::core::primitive::usize,
                __args: &mut __d::Args,
            ) -> __d::Called<'a> {
                match __number {
                    #(#calls)*
                    _ => __d::no_action(__number),
                }
            }
        }
    });
    let queries = block.items.iter().filter_map(|item| match item {
        BlockItem::Query(query, _) => Some(query),
        _ => None,
    });
    let (queries, shows): (Vec<_>, Vec<_>) =
        queries.enumerate().map(|(number, query)| query_row(number, query)).unzip();
    let shows = (!shows.is_empty()).then(|| {
        quote! {
            fn query(__me: &Self, __number: ::core::primitive::usize) -> __d::String {
                match __number {
                    #(#shows)*
                    _ => __d::no_property(__number),
                }
            }
        }
    });
    let hooks = block.items.iter().filter_map(|item| match item {
        BlockItem::Hook(hook, _) => Some(hook_row(hook)),
        _ => None,
    });
    let described = quote! {
        fn describe(__rows: &mut __d::BlockRows) {
            #(#rows)*
            #(#queries)*
            #(#hooks)*
        }
    };
    // Not spanned: the compiler would suggest a generic parameter of this block for a type that is not known.
    let keyword = quote!(impl);
    quote_spanned! {block.self_ty.span()=>
        #[allow(unused_imports, unused_qualifications, deprecated)]
        #[allow(clippy::all, clippy::pedantic)]
        const _: () = {
            use ::deploy_core::__private::{self as __d, AnyType as _, MadeHere as _};
            #[automatically_derived]
            #keyword #impl_generics __d::NodeActions for #subject #where_clause {
                #described
                #calls
                #shows
            }
        };
    }
}

fn hook_row(hook: &Hook) -> TokenStream {
    let Hook { cfg, ident, params, output, .. } = hook;
    let (moment, names) = match hook.moment {
        Moment::Before => (quote!(Before), &["__call"][..]),
        Moment::After => (quote!(After), &["__call", "__value"][..]),
        Moment::Failed => (quote!(Failed), &["__call", "__error"][..]),
    };
    // What is of another type than it is told is the user's to see at that type.
    let names: Vec<Ident> =
        names.iter().zip(params).map(|(name, ty)| Ident::new(name, ty.span())).collect();
    let done = quote_spanned!(output.span()=> <#output as __d::Hooked>::hooked);
    quote! {
        #(#cfg)*
        __rows.hook(__d::HookSpec::#moment(|__any, #(#names),*| {
            __d::Made(__d::me::<Self>(__any).#ident(#(#names),*)).work().hook(#done)
        }));
    }
}

fn action_row(number: usize, action: &Action) -> TokenStream {
    let Action { cfg, doc, aliases, default, one_host, no_result, lock, .. } = action;
    let name = action.called();
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let confirm = action.confirm.as_ref().map(|question| quote!(.confirm(#question)));
    let flags =
        [("default", default), ("one_host", one_host), ("no_result", no_result), ("lock", lock)];
    let flags = flags.into_iter().filter(|(_, set)| **set).map(|(flag, _)| {
        let flag = Ident::new(flag, Span::call_site());
        quote!(.#flag())
    });
    let params = action.params.iter().map(param_row);
    quote! {
        #(#cfg)*
        __rows.action(#number, #name, #doc)#aliases #confirm #(#flags)* #(#params)*;
    }
}

/// What runs the action: its future, and what becomes of its output.
fn call(number: usize, action: &Action) -> TokenStream {
    let Action { cfg, ident, no_result, .. } = action;
    let arguments = action.params.iter().enumerate().map(|(index, param)| argument(index, param));
    let output = &action.output;
    let answer = if *no_result {
        quote_spanned!(output.span()=> <#output as __d::Returned>::silently)
    } else {
        quote_spanned!(output.span()=> <#output as __d::Answered>::answer)
    };
    quote! {
        #(#cfg)*
        #number => __d::Made(Self::#ident(__me, #(#arguments),*)).run(#answer),
    }
}

fn param_row(param: &Param) -> TokenStream {
    let name = param.called();
    let (doc, word) = (&param.doc, &param.word);
    let type_name = type_name(word);
    let kind = match param.kind {
        ParamKind::Required => None,
        ParamKind::Optional => Some(quote!(Optional)),
        ParamKind::Rest => Some(quote!(Rest)),
        ParamKind::Flag => Some(quote!(Flag)),
    };
    let given = kind.map(|kind| {
        let default = match &param.default {
            Some(DefaultValue { expr }) => {
                let text = tidy(&quote!(#expr));
                quote!(::core::option::Option::Some(#text))
            }
            None => quote!(::core::option::Option::None),
        };
        quote!(.given(__d::ParamKind::#kind, #default))
    });
    let read = quote_spanned!(word.span()=> <#word as __d::Argument>::read);
    quote!(.param(#name, #doc, #type_name, __d::Probe::<#word>::VALUES, #read)#given)
}

/// The value of one parameter; of which type it is the action says.
fn argument(index: usize, param: &Param) -> TokenStream {
    match (param.kind, &param.default) {
        (ParamKind::Flag, _) => quote!(__args.flag(#index)),
        (ParamKind::Rest, _) => quote!(__args.rest(#index)),
        (ParamKind::Required, _) => quote!(__args.one(#index)),
        (ParamKind::Optional, None) => quote!(__args.optional(#index)),
        (ParamKind::Optional, Some(DefaultValue { expr })) => {
            let word = &param.word;
            let default = if is_exact(word) { quote!(#expr) } else { turned(expr, word) };
            quote!(match __args.optional(#index) {
                ::core::option::Option::Some(given) => given,
                ::core::option::Option::None => #default,
            })
        }
    }
}

/// The row of a query, and what shows its value.
fn query_row(number: usize, query: &Query) -> (TokenStream, TokenStream) {
    let Query { cfg, doc, ident, output } = query;
    let name = plain(ident);
    let type_name = type_name(output);
    let row = quote!(#(#cfg)* __rows.query(#number, #name, #doc, #type_name););
    (row, quote!(#(#cfg)* #number => __d::show(&__me.#ident()).text(),))
}
