//! An impl block with `#[node]`.

use proc_macro2::Ident;
use syn::{GenericArgument, GenericParam, PathArguments, Type};

use crate::diagnostics::Diagnostics;
use crate::model::{Action, Block, BlockItem, last_segment, plain};
use crate::names::list;

/// What every node or array can do anyway.
const OF_NODES: [&str; 9] =
    ["hosts", "roles", "host", "console", "env", "path", "parent", "builder", "one_host"];
/// What every array can do anyway.
const OF_ARRAYS: [&str; 11] = [
    "get", "each", "cells", "len", "is_empty", "batch", "parallel", "serial", "canary", "max_fail",
    "iter",
];

pub(crate) fn block(cx: &Diagnostics, block: &Block) {
    generics(cx, block);
    let mut called: Vec<(String, &Ident)> = Vec::new();
    let mut default: Option<&Ident> = None;
    for item in &block.items {
        if let BlockItem::Hook(hook, _) = item
            && block.array
        {
            cx.error(
                &hook.ident,
                format!(
                    "`{}` is of an array: hooks are of the root of the tree, which is no array",
                    hook.ident
                ),
            );
        }
        let BlockItem::Action(action, _) = item else {
            if let BlockItem::Query(query, _) = item {
                reserved(cx, &query.ident, block.array);
            }
            continue;
        };
        reserved(cx, &action.ident, block.array);
        names(cx, action, &mut called);
        if action.default {
            if let Some(first) = default {
                cx.error(
                    &action.ident,
                    format!("`{first}` and `{}` are both the `default` action", action.ident),
                );
            }
            default = Some(&action.ident);
            if let Some(param) =
                action.params.iter().find(|param| param.kind == crate::model::ParamKind::Required)
            {
                cx.error(
                    &param.ident,
                    format!(
                        "a `default` action runs without arguments, and `{}` must be given",
                        param.ident
                    ),
                );
            }
        }
        if action.one_host && block.array {
            cx.error(&action.ident, format!("`{}` is of the array, which runs once anyway: `one_host` is for actions of a cell", action.ident));
        }
    }
}

fn reserved(cx: &Diagnostics, ident: &Ident, array: bool) {
    let name = plain(ident);
    if OF_NODES.contains(&name.as_str()) || array && OF_ARRAYS.contains(&name.as_str()) {
        let what = if array { "array" } else { "node" };
        cx.error(ident, format!("`{name}` is reserved: every {what} has a method of this name"));
    }
}

/// An error for the actions of a node whose names its arrays need, if it turns out to be parallel.
pub(crate) fn taken_by_arrays(action: &Ident) -> Option<syn::Error> {
    let name = plain(action);
    OF_ARRAYS.contains(&name.as_str()).then(|| {
        let names = list(OF_ARRAYS);
        syn::Error::new(
            action.span(),
            format!("`{name}` is reserved in a parallel node: every `Array` has a method of this name\nnote: these are {names}"),
        )
    })
}

fn names<'a>(cx: &Diagnostics, action: &'a Action, called: &mut Vec<(String, &'a Ident)>) {
    let own = (action.called(), action.name.as_ref().map(syn::LitStr::span));
    let aliases = action.aliases.iter().map(|alias| (alias.value(), Some(alias.span())));
    for (name, span) in std::iter::once(own).chain(aliases) {
        let span = span.unwrap_or_else(|| action.ident.span());
        if name.is_empty()
            || name.starts_with('-')
            || name.contains(char::is_whitespace)
            || name.contains(':')
        {
            cx.error_at(span, format!("`{name}` is no name of an action: it is one word without `:`, and begins with no dash"));
        }
        match called.iter().find(|(known, _)| *known == name) {
            // Two methods of one name are the compiler's to report.
            Some((_, other)) if **other == action.ident && action.called() == name => {}
            Some((_, other)) => {
                cx.error_at(
                    span,
                    format!(
                        "`{name}` is the name of two actions: `{other}` and `{}`",
                        action.ident
                    ),
                );
            }
            None => called.push((name, &action.ident)),
        }
    }
}

/// Every generic argument of the node is a parameter of the block: otherwise its actions would silently not be found.
fn generics(cx: &Diagnostics, block: &Block) {
    let Some(segment) = last_segment(&block.node) else {
        cx.error(
            &block.self_ty,
            "`#[node]` stands on the impl block of a node, or of `Array` of one",
        );
        return;
    };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return };
    for argument in &arguments.args {
        let is_param = match argument {
            GenericArgument::Type(Type::Path(path)) => path.path.get_ident().is_some_and(|ident| {
                block.generics.params.iter().any(|param| match param {
                    GenericParam::Type(param) => param.ident == *ident,
                    GenericParam::Const(param) => param.ident == *ident,
                    GenericParam::Lifetime(_) => false,
                })
            }),
            _ => false,
        };
        if !is_param {
            cx.error(
                argument,
                format!("the block is for all `{0}`: `impl<S: Bound> {0}<S>`\nnote: what is for some of them alone goes into a plain impl block", segment.ident),
            );
        }
    }
}
