//! What a value may speak of. A child's values are known before any child is there, so they see this node's own properties;
//! defaults and the node's own hosts are known even before those.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use super::node::own_roles;
use crate::diagnostics::Diagnostics;
use crate::model::{Mapping, Node, PropertyKind, Set, plain};
use crate::names::{guess, list};
use crate::parse::mention;

pub(super) fn values(cx: &Diagnostics, node: &Node) {
    for (_, property) in node.properties() {
        let PropertyKind::Default(default) = &property.kind else { continue };
        if let Some(this) = mention(default.expr.to_token_stream()) {
            cx.error_at(this, "`self` in a `#[default(..)]`: a default is there before the node is\nnote: what follows from other properties is a query, `pub fn name(&self) -> T`");
        }
    }
    if let Some(this) = node.args.hosts.as_ref().and_then(|expr| mention(expr.to_token_stream())) {
        cx.error_at(
            this,
            "`self` in `hosts = ..`: a node's own hosts are there before its properties are",
        );
    }
    for (_, child) in node.children() {
        for set in &child.sets {
            role(cx, node, set);
            value(cx, node, &set.value);
        }
        if let Mapping::Hosts { roles, .. } = &child.mapping {
            for host in roles.iter().flat_map(|role| &role.hosts) {
                fields(cx, node, host.to_token_stream());
            }
        }
    }
}

/// A role where a value stands: no value is called by a small word alone.
fn role(cx: &Diagnostics, node: &Node, set: &Set) {
    let Expr::Path(path) = &set.value else { return };
    let Some(name) = path.path.get_ident() else { return };
    if own_roles(node).contains(&plain(name)) {
        let ident = &node.ident;
        let Some(property) = set.path.last() else { return };
        cx.error(
            name,
            format!("`{name}` is a role of `{ident}`, and `#[node(..)]` sets properties\nnote: roles are handed on by `#[map_roles({property} = {name})]`"),
        );
    }
}

fn value(cx: &Diagnostics, node: &Node, value: &Expr) {
    let tokens = value.to_token_stream();
    if let Some(mark) = question_mark(tokens.clone()) {
        cx.error_at(mark, "`?` in a value: setting a property cannot fail\nnote: use a value that cannot fail, or check it in an action");
    }
    fields(cx, node, tokens);
}

/// Each `self.name`: a property of this node.
fn fields(cx: &Diagnostics, node: &Node, tokens: TokenStream) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => fields(cx, node, group.stream()),
            TokenTree::Ident(this) if this == "self" => {
                if let [TokenTree::Punct(dot), TokenTree::Ident(name), rest @ ..] =
                    &trees[index + 1..]
                    && dot.as_char() == '.'
                {
                    field(cx, node, name, rest.first());
                }
            }
            _ => {}
        }
    }
}

fn field(cx: &Diagnostics, node: &Node, name: &Ident, next: Option<&TokenTree>) {
    let own: Vec<String> = node.properties().map(|(field, _)| plain(&field.ident)).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    if own.contains(&plain(name).as_str()) {
        return;
    }
    let calls = matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    let ident = &node.ident;
    let problem = if node.children().any(|(field, _)| field.ident == *name) {
        format!("`{name}` is a child of `{ident}`, and is not there yet when values are set")
    } else if calls {
        format!("`{name}()` is called on `{ident}`, which is not there yet when values are set")
    } else {
        format!("`{ident}` has no property `{name}`{}", guess(&plain(name), &own))
    };
    let known = match own.is_empty() {
        true => format!("`self` in a value has the properties of `{ident}`, and it has none"),
        false => format!("`self` in a value has the properties of `{ident}`: {}", list(own)),
    };
    cx.error(name, format!("{problem}\nnote: {known}"));
}

/// Where a `?` leaves the value itself: not in a block, and not behind the bars of a closure, which may have errors of its own.
fn question_mark(tokens: TokenStream) -> Option<Span> {
    for tree in tokens {
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == '|' => return None,
            TokenTree::Punct(mark) if mark.as_char() == '?' => return Some(mark.span()),
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                let inside = question_mark(group.stream());
                if inside.is_some() {
                    return inside;
                }
            }
            _ => {}
        }
    }
    None
}
