//! A struct with `#[node]`.

use proc_macro2::Ident;
use quote::format_ident;
use syn::{Expr, GenericParam, Type, parse_quote};

use crate::diagnostics::Diagnostics;
use crate::model::{
    BUILT_IN_GROUPS, Field, FieldKind, HostsFor, Mapping, Node, RoleSource, argument_of,
    last_segment, plain,
};
use crate::names::{guess, list};

/// Names that a builder's setters would hide.
const RESERVED_FIELDS: [&str; 1] = ["build"];

pub(crate) fn node(cx: &Diagnostics, node: &mut Node) {
    main(cx, node);
    parent(cx, node);
    own_hosts(cx, node);
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
    } else if node.generics.lifetimes().count() < node.generics.params.len() {
        // That there are no lifetimes either is said of them.
        cx.error(main, format!("the root of a tree has no generics, and `{}` has", node.ident));
    } else if node.args.parent.is_some() {
        cx.error(main, "the root of a tree stands in no parent");
    }
}

fn parent(cx: &Diagnostics, node: &Node) {
    let Some(parent) = &node.args.parent else { return };
    if last_segment(parent).is_some_and(|segment| segment.ident == node.ident) {
        cx.error(parent, format!("`{0}` cannot stand in itself\nnote: a parent is the node that a `{0}` is a child of: `parent = Root`", node.ident));
    }
}

/// A node's own hosts are told by roles: what is a list or a text can be none.
fn own_hosts(cx: &Diagnostics, node: &mut Node) {
    let Some(hosts) = &node.args.hosts else { return };
    if matches!(hosts, Expr::Array(_) | Expr::Lit(_) | Expr::Tuple(_)) {
        let ident = &node.ident;
        let roles: Vec<String> =
            own_roles(node).iter().map(|role| format!("{role}: Host::local().into()")).collect();
        let roles = roles.join(", ");
        cx.mended(
            hosts,
            format!(
                "a node's own hosts are told by their roles: `hosts = {ident}Roles {{ {roles} }}`"
            ),
        );
        let none = format_ident!("{ident}Roles");
        let none: Expr = parse_quote!(::core::option::Option::<#none>::None);
        node.args.hosts = Some(parse_quote!(::core::option::Option::unwrap(#none)));
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
    for set in node.children().flat_map(|(_, child)| &child.sets) {
        if let Some(name) =
            set.path.last().filter(|name| RESERVED_FIELDS.contains(&plain(name).as_str()))
        {
            cx.error(name, format!("no node has a property `{name}`: its builder has that"));
        }
    }
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
    for role in node.args.roles.iter().flatten().filter(|role| role.name == "ALL") {
        cx.error(
            &role.name,
            "`ALL` is no name of a role: in `#[map_roles(..)]` it stands for all hosts",
        );
    }
    if let (true, Some(host)) = (node.args.parallel, own_host) {
        cx.error(&host.name, "a parallel node has the role `host` anyway: it is what isolates\nnote: `roles(..)` lists the other ones");
    }
}

/// Types that hold one value of another, and those that hold many.
const OF_ONE: [&str; 8] = ["Option", "Box", "Arc", "Rc", "Mutex", "RwLock", "RefCell", "Cell"];
const OF_MANY: [&str; 6] = ["Vec", "VecDeque", "HashMap", "BTreeMap", "HashSet", "BTreeSet"];

/// What is wrong with the type of a child, if its name shows it. Of any other type the compiler finds out, and says as well that the
/// roles that it is given are of no struct.
fn no_child(ty: &Type) -> Option<String> {
    const ONE: &str = "note: a `#[node]` field holds a node as itself, which is always there";
    const MANY: &str = "note: a `#[node]` field holds one node; one for each host is an `Array<P>` of a parallel node `P`, any others are fields of their own";
    let holds = |names: &[&'static str]| {
        names.iter().find(|name| argument_of(ty, name).is_some()).map(|name| format!("{name}<..>"))
    };
    let (what, note) = match ty {
        Type::Array(_) => ("[..; N]".to_owned(), MANY),
        Type::Tuple(_) => ("(..)".to_owned(), MANY),
        _ => holds(&OF_ONE).map(|one| (one, ONE)).or_else(|| Some((holds(&OF_MANY)?, MANY)))?,
    };
    Some(format!("`{what}` is not a node\n{note}"))
}

/// The node in a child whose type holds it in another one, which is no child then.
pub(crate) fn held(ty: &Type) -> Option<&Type> {
    OF_ONE.iter().chain(["Vec", "VecDeque"].iter()).find_map(|name| argument_of(ty, name))
}

fn nesting(cx: &Diagnostics, node: &Node) {
    for (field, _) in node.children() {
        if let Some(problem) = no_child(&field.ty) {
            cx.error(&field.ty, problem);
            continue;
        }
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

fn inherits(cx: &Diagnostics, node: &mut Node) {
    let mut first: Option<Ident> = None;
    for field in &mut node.fields {
        let Field { ident, ty, kind: FieldKind::Child(child), .. } = field else { continue };
        if !child.inherit {
            continue;
        }
        if argument_of(ty, "Array").is_some() {
            cx.error(&*ty, "an array cannot be inherited: a node inherits from a node");
        }
        let Some(first) = &first else {
            first = Some(ident.clone());
            continue;
        };
        let twice = format!("`{}` inherits twice: from `{first}` and `{ident}`", node.ident);
        cx.mended(&*ident, twice);
        child.inherit = false;
    }
}

/// What a mapping names on its right side: roles of ours. And in `#[hosts(..)]`, hosts and no roles.
fn mapped_roles(cx: &Diagnostics, node: &mut Node) {
    let ident = node.ident.clone();
    let own = own_roles(node);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let is_own = |role: &Ident| own.contains(&plain(role).as_str());
    for child in node.fields.iter_mut().filter_map(Field::as_child_mut) {
        match &mut child.mapping {
            Mapping::MapRoles { roles, .. } => {
                let mut is_reversed = false;
                for map in roles {
                    let RoleSource::Roles(ours) = &map.source else { continue };
                    let unknown: Vec<_> = ours.iter().filter(|role| !is_own(role)).collect();
                    if unknown.is_empty() || is_reversed {
                        continue;
                    }
                    for role in unknown {
                        cx.mended(role, no_role(&ident, role, &own));
                    }
                    if is_own(&map.role) {
                        // Written the wrong way round, which need not be said of each role and each side.
                        is_reversed = true;
                        cx.spoil();
                    }
                    map.source = RoleSource::All;
                }
            }
            Mapping::Hosts { roles, .. } => {
                for HostsFor { role: to, hosts } in roles {
                    hosts.retain(|host| {
                        let Expr::Path(path) = host else { return true };
                        let Some(name) = path.path.get_ident() else { return true };
                        let is_role = name == "ALL" || is_own(name);
                        if is_role {
                            let role = if name == "ALL" { String::new() } else { format!(", but a role of `{ident}`") };
                            cx.mended(name, format!("`{name}` is no host{role}\nnote: roles are handed on by `#[map_roles({to} = {name})]`"));
                        }
                        !is_role
                    });
                }
            }
            Mapping::ByName => {}
        }
    }
}

fn no_role(node: &Ident, role: &Ident, own: &[&str]) -> String {
    if role == "ALL" {
        return "`ALL` stands alone: it holds all of our hosts, each once".to_owned();
    }
    if role == "all" {
        return format!("`{node}` has no role `all`: all of its hosts are `ALL`");
    }
    let (guess, known) = (guess(&plain(role), own), list(own));
    let side = "a role of the child stands left of the `=`, one of ours right of it";
    format!("`{node}` has no role `{role}`{guess}\nnote: it has {known}; {side}")
}

/// The names of our roles.
pub(super) fn own_roles(node: &Node) -> Vec<String> {
    let declared = node.args.roles.iter().flatten().map(|role| plain(&role.name));
    let has_host = node.args.parallel || node.args.roles.is_none();
    has_host.then(|| "host".to_owned()).into_iter().chain(declared).collect()
}

/// A small word that is no built-in group is taken for a mistyped one: constants are written in capitals.
fn groups(cx: &Diagnostics, node: &Node) {
    for group in node.children().filter_map(|(_, child)| child.group.as_ref()) {
        let Some(ident) = group.get_ident() else { continue };
        let name = ident.to_string();
        let small = !name.contains(char::is_uppercase);
        if small && !BUILT_IN_GROUPS.contains(&name.as_str()) {
            let (guess, known) = (guess(&name, &BUILT_IN_GROUPS), list(BUILT_IN_GROUPS));
            cx.mended(
                ident,
                format!("there is no built-in group `{name}`{guess}\nnote: there are {known}; one of your own is a constant, `const CANARY: Group = Group::new(\"canary\", Color::Magenta)`"),
            );
        }
    }
}
