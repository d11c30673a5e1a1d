//! A struct with `#[node]`.

use syn::GenericParam;

use crate::diagnostics::Diagnostics;
use crate::model::{
    BUILT_IN_GROUPS, Field, FieldKind, Mapping, Node, RoleSource, argument_of, last_segment, plain,
};
use crate::names::{guess, list};

/// Names that a builder's setters would hide.
const RESERVED_FIELDS: [&str; 1] = ["build"];

pub(crate) fn node(cx: &Diagnostics, node: &Node) {
    main(cx, node);
    generics(cx, node);
    names(cx, node);
    nesting(cx, node);
    inherits(cx, node);
    groups(cx, node);
    mapped_roles(cx, node);
    super::values::values(cx, node);
}

fn main(cx: &Diagnostics, node: &Node) {
    let Some(main) = &node.args.main else { return };
    if node.args.parallel {
        cx.error(
            main,
            "the root of a tree is a normal node, and `parallel` is for what stands in it",
        );
    } else if !node.generics.params.is_empty() {
        cx.error(main, format!("the root of a tree has no generics, and `{}` has", node.ident));
    } else if node.args.parent.is_some() {
        cx.error(main, "the root of a tree stands in no parent");
    }
}

fn generics(cx: &Diagnostics, node: &Node) {
    for param in &node.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            cx.error(lifetime, "a node borrows nothing: it has no lifetimes");
        }
    }
}

fn names(cx: &Diagnostics, node: &Node) {
    for (field, _) in node.properties() {
        if RESERVED_FIELDS.contains(&plain(&field.ident).as_str()) {
            let reserved = list(RESERVED_FIELDS);
            cx.error(
                &field.ident,
                format!("a property cannot be called {reserved}: its builder has that"),
            );
        }
    }
    for field in &node.fields {
        if plain(&field.ident).starts_with("__") {
            cx.error(
                &field.ident,
                format!(
                    "`{}` is reserved: names with two underscores are the macro's",
                    field.ident
                ),
            );
        }
    }
    let own_host = node.args.roles.iter().flatten().find(|role| role.name == "host");
    if let (true, Some(host)) = (node.args.parallel, own_host) {
        cx.error(&host.name, "a parallel node has the role `host` anyway: it is what isolates\nnote: `roles(..)` lists the other ones");
    }
}

fn nesting(cx: &Diagnostics, node: &Node) {
    for (field, _) in node.children() {
        if contains_itself(node, field) {
            cx.error(&field.ty, format!("`{}` contains itself", node.ident));
            continue;
        }
        for outer in ["Array", "JustOne"] {
            let Some(inner) = argument_of(&field.ty, outer) else { continue };
            if last_segment(inner).is_some_and(|segment| segment.ident == node.ident) {
                cx.error(inner, format!("`{}` contains itself", node.ident));
            } else if ["Array", "JustOne"].iter().any(|again| argument_of(inner, again).is_some()) {
                cx.error(
                    inner,
                    format!("`{outer}` of an array\nnote: an `Array<P>` holds the cells of a parallel node `P`; a second dimension is an `Array` in `P`"),
                );
            }
        }
    }
}

/// Whether a child is of the node's own type.
pub(crate) fn contains_itself(node: &Node, field: &Field) -> bool {
    matches!(field.kind, FieldKind::Child(_))
        && last_segment(&field.ty).is_some_and(|segment| segment.ident == node.ident)
}

fn inherits(cx: &Diagnostics, node: &Node) {
    let inherited: Vec<_> = node.children().filter(|(_, child)| child.inherit).collect();
    for (field, _) in inherited.iter().skip(1) {
        let first = &inherited[0].0.ident;
        cx.error(
            &field.ident,
            format!("`{}` inherits twice: from `{first}` and `{}`", node.ident, field.ident),
        );
    }
    for (field, _) in inherited {
        if argument_of(&field.ty, "Array").is_some() {
            cx.error(&field.ty, "an array cannot be inherited: a node inherits from a node");
        }
    }
}

/// `all` where `ALL` is meant; what else is no role of ours is the compiler's to say.
fn mapped_roles(cx: &Diagnostics, node: &Node) {
    let declared = node.args.roles.iter().flatten().any(|role| role.name == "all");
    for (_, child) in node.children() {
        let Mapping::MapRoles { roles, .. } = &child.mapping else { continue };
        let mapped = roles.iter().filter_map(|map| match &map.source {
            RoleSource::Roles(ours) => Some(ours),
            RoleSource::All => None,
        });
        for role in mapped.flatten() {
            if *role == "all" && !declared {
                let ident = &node.ident;
                cx.error(role, format!("`{ident}` has no role `all`: all of its hosts are `ALL`"));
            } else if *role == "ALL" {
                cx.error(role, "`ALL` stands alone: it holds all of our hosts, each once");
            }
        }
    }
}

/// A small word that is no built-in group is taken for a mistyped one: constants are written in capitals.
fn groups(cx: &Diagnostics, node: &Node) {
    for group in node.children().filter_map(|(_, child)| child.group.as_ref()) {
        let Some(ident) = group.get_ident() else { continue };
        let name = ident.to_string();
        let small = !name.contains(char::is_uppercase);
        if small && !BUILT_IN_GROUPS.contains(&name.as_str()) {
            let (guess, known) = (guess(&name, &BUILT_IN_GROUPS), list(BUILT_IN_GROUPS));
            cx.error(
                ident,
                format!("there is no built-in group `{name}`{guess}\nnote: there are {known}; one of your own is a constant, `const CANARY: Group = Group::new(\"canary\", Color::Magenta)`"),
            );
        }
    }
}
