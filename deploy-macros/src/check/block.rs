//! An impl block with `#[node]`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{GenericArgument, GenericParam, PathArguments, Type, WherePredicate};

use crate::diagnostics::Diagnostics;
use crate::model::{Action, Block, BlockItem, argument_of, last_segment, mentions, plain};
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
            cx.mended(
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
                cx.mended(
                    &action.ident,
                    format!("`{first}` and `{}` are both the `default` action", action.ident),
                );
            }
            default = Some(&action.ident);
            if let Some(param) =
                action.params.iter().find(|param| param.kind == crate::model::ParamKind::Required)
            {
                cx.mended(
                    &param.ident,
                    format!(
                        "a `default` action runs without arguments, and `{}` must be given",
                        param.ident
                    ),
                );
            }
        }
        if action.one_host && block.array {
            cx.mended(&action.ident, format!("`{}` is of the array, which runs once anyway: `one_host` is for actions of a cell", action.ident));
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
    let own = (action.called(), action.name.as_ref().map(syn::LitStr::span), false);
    let aliases = action.aliases.iter().map(|alias| (alias.value(), Some(alias.span()), true));
    for (name, span, is_alias) in std::iter::once(own).chain(aliases) {
        let span = span.unwrap_or_else(|| action.ident.span());
        if name.is_empty()
            || name.starts_with('-')
            || name.contains(char::is_whitespace)
            || name.contains(':')
        {
            cx.mended_at(span, format!("`{name}` is no name of an action: it is one word without `:`, and begins with no dash"));
        }
        match called.iter().find(|(known, _)| *known == name) {
            // Two methods of one name are the compiler's to report.
            Some((_, other)) if **other == action.ident && !is_alias => {}
            Some((_, other)) if **other == action.ident => {
                cx.mended_at(
                    span,
                    format!("`{name}` is a name of `{other}` already: leave it out"),
                );
            }
            Some((_, other)) => {
                cx.mended_at(
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

/// Types of others that hold a node: an impl block for them is not the user's to write.
const HOLDERS: [&str; 8] = ["JustOne", "Box", "Vec", "Option", "Arc", "Rc", "PerHost", "Bound"];

/// Whether it is for a node or its array. If not it is none at all, and what is written in it would only be reported again.
pub(crate) fn is_of_a_node(cx: &Diagnostics, block: &Block) -> bool {
    let of_cells = argument_of(&block.node, "JustOne");
    let of_others = HOLDERS.iter().any(|name| argument_of(&block.node, name).is_some());
    let is_array = argument_of(&block.node, "Array").is_some();
    if last_segment(&block.node).is_some() && !of_others && !is_array {
        return true;
    }
    let cells = match of_cells.and_then(last_segment) {
        Some(cell) => {
            format!("\nnote: what a `JustOne<{0}>` can do stands in `impl {0}`", cell.ident)
        }
        None => String::new(),
    };
    let message = "`#[node]` stands on the impl block of a node, or of `Array` of one";
    cx.error(&block.self_ty, format!("{message}{cells}"));
    false
}

/// Every generic argument of the node is a parameter of the block: otherwise its actions would silently not be found.
fn generics(cx: &Diagnostics, block: &Block) {
    let Some(segment) = last_segment(&block.node) else { return };
    // A parameter that nothing names is the compiler's to report, and would be for each action.
    let params = block.generics.type_params().map(|param| &param.ident);
    let mut params = params.chain(block.generics.const_params().map(|param| &param.ident));
    if params.any(|param| !is_named(param, block)) {
        cx.spoil();
    }
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
            // That a node has no lifetimes is said at its struct.
            GenericArgument::Lifetime(_) => {
                cx.spoil();
                true
            }
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

/// Whether the node's type, or what is said of another one, names a parameter of the block.
fn is_named(param: &Ident, block: &Block) -> bool {
    let mut named = block.node.to_token_stream();
    for other in block.generics.type_params() {
        named.extend(other.bounds.to_token_stream());
    }
    for predicate in block.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        let WherePredicate::Type(predicate) = predicate else { continue };
        named.extend(predicate.bounds.to_token_stream());
        let ty = predicate.bounded_ty.to_token_stream();
        if *param != ty.to_string() {
            named.extend(ty);
        }
    }
    mentions(named, param)
}
