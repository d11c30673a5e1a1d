//! A field of a node: a property, or a child with where its values and hosts come from.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Generics, Meta, Path, Token, Type, bracketed, parse_quote};

use super::args::KEYS;
use super::attributes::{arguments, default_value, doc, misspelt, read, take};
use super::types::{borrowed, impossible};
use crate::diagnostics::Diagnostics;
use crate::model::{
    Child, Field, FieldKind, HostsFor, Mapping, Property, PropertyKind, RoleMap, RoleSource, Set,
    is_exact,
};

pub(super) const OURS: [&str; 7] =
    ["node", "map_roles", "hosts", "inherit", "group", "required", "default"];
const OF_CHILDREN: [&str; 4] = ["map_roles", "hosts", "inherit", "group"];

pub(super) fn field(cx: &Diagnostics, generics: &Generics, field: syn::Field) -> Option<Field> {
    let syn::Field { mut attrs, vis, ident, mut ty, .. } = field;
    let ident = ident?;
    misspelt(cx, &mut attrs, &OURS);
    of_methods(cx, &mut attrs);
    of_other_systems(cx, &mut attrs, &ident);
    let is_child = attrs.iter().any(|attr| attr.path().is_ident("node"));
    ty = if is_child {
        type_of_a_child(cx, generics, ty)
    } else {
        type_of_a_property(cx, generics, &ident, ty)
    };
    let mut ours = take(&mut attrs, &OURS);
    ours.retain_mut(|attr| key_value(cx, attr));
    for (index, attr) in ours.iter().enumerate() {
        let name = name_of(attr);
        if ours[..index].iter().any(|earlier| name_of(earlier) == name) {
            cx.mended(attr, format!("`{ident}` has two `#[{name}]`"));
        }
    }
    if let Some(cfg) = attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        cx.error(
            cfg,
            format!(
                "`#[cfg]` on `{ident}`\nnote: it is for actions; a field of a node is always there"
            ),
        );
        attrs.retain(|attr| !attr.path().is_ident("cfg"));
    }
    let all = |name: &str| -> Vec<&Attribute> {
        ours.iter().filter(|attr| attr.path().is_ident(name)).collect()
    };
    let one = |name: &str| all(name).first().copied();
    let kind = match one("node") {
        Some(node) => {
            for attr in
                ours.iter().filter(|attr| ["required", "default"].contains(&name_of(attr).as_str()))
            {
                let name = name_of(attr);
                cx.mended(
                    attr,
                    format!("`{ident}` is a child node, and `#[{name}]` is for properties"),
                );
            }
            FieldKind::Child(Child {
                sets: sets(cx, node),
                mapping: mapping(cx, &ident, &all("map_roles"), &all("hosts")),
                inherit: one("inherit").is_some_and(|attr| inherit(cx, attr)),
                group: one("group").and_then(|attr| group(cx, attr)),
            })
        }
        None => {
            if let Some(attr) =
                ours.iter().find(|attr| OF_CHILDREN.contains(&name_of(attr).as_str()))
            {
                let name = name_of(attr);
                cx.error(
                    attr,
                    format!("`#[{name}]` on `{ident}`, which is a property\nnote: a child node has `#[node]` as well"),
                );
            }
            let kind = property(cx, &ident, one("required"), one("default"));
            FieldKind::Property(Property { kind, exact: is_exact(&ty) })
        }
    };
    Some(Field { doc: doc(&attrs), attrs, vis, ident, ty, kind })
}

/// A property's type, or one in its place if no property can have it.
fn type_of_a_property(cx: &Diagnostics, generics: &Generics, ident: &Ident, mut ty: Type) -> Type {
    if let Some((message, instead)) = impossible(&ty, "a property") {
        cx.error(&ty, message);
        return instead;
    }
    if let Some(reference) = borrowed(&mut ty, generics) {
        cx.error_at(
            reference,
            format!(
                "a node borrows nothing: `{ident}` owns its value, such as `String` for `&str`"
            ),
        );
    }
    ty
}

/// A child's type, or one in its place if no child can have it.
fn type_of_a_child(cx: &Diagnostics, generics: &Generics, ty: Type) -> Type {
    let as_itself = "a child is held as itself, such as `Web` for `&Web`";
    match ty {
        Type::Reference(reference) => {
            cx.mended(reference.and_token, as_itself);
            type_of_a_child(cx, generics, *reference.elem)
        }
        ty if impossible(&ty, "a child").is_some() => {
            cx.error(&ty, "a child has the type of one node, such as `Web` or `Array<Web>`");
            parse_quote!(::std::string::String)
        }
        mut ty => {
            if let Some(reference) = borrowed(&mut ty, generics) {
                cx.error_at(reference, as_itself);
            }
            ty
        }
    }
}

/// Attributes of methods that stand on a field.
fn of_methods(cx: &Diagnostics, attrs: &mut Vec<Attribute>) {
    for attr in take(attrs, &["action", "hook"]) {
        let name = name_of(&attr);
        cx.mended(attr, format!("`#[{name}]` stands on a method of an impl block with `#[node]`"));
    }
}

/// Words that we do not use for what we have: what is meant is plain.
fn of_other_systems(cx: &Diagnostics, attrs: &mut [Attribute], ident: &Ident) {
    const CHILD: [&str; 4] = ["child", "component", "nested", "subnode"];
    const ROLES: [&str; 2] = ["roles", "map"];
    for attr in attrs {
        let path = match &mut attr.meta {
            Meta::Path(path) => path,
            Meta::List(list) => &mut list.path,
            Meta::NameValue(_) => continue,
        };
        let Some(name) = path.get_ident() else { continue };
        let is_one_of = |words: &[&str]| words.iter().any(|word| name == word);
        let (ours, does) = if is_one_of(&CHILD) {
            ("node", format!("a child such as `{ident}` has `#[node]`"))
        } else if is_one_of(&ROLES) {
            ("map_roles", "roles are handed on by `#[map_roles(role = our_role)]`".to_owned())
        } else {
            continue;
        };
        cx.mended(&*path, format!("there is no `#[{name}]` on a field: {does}"));
        *path = Ident::new(ours, path.span()).into();
    }
}

/// Says that `#[node = ".."]` has no such form, once; what is left of the attribute is that it was there, if that means anything.
fn key_value(cx: &Diagnostics, attr: &mut Attribute) -> bool {
    let name = name_of(attr);
    if !matches!(attr.meta, Meta::NameValue(_)) || ["required", "inherit"].contains(&&*name) {
        return true;
    }
    cx.error(
        &*attr,
        format!("`#[{name}]` takes no `=`: what it is told stands in parentheses, `#[{name}(..)]`"),
    );
    attr.meta = Meta::Path(attr.path().clone());
    name == "node"
}

fn name_of(attr: &Attribute) -> String {
    attr.path().get_ident().map(ToString::to_string).unwrap_or_default()
}

fn property(
    cx: &Diagnostics,
    ident: &Ident,
    required: Option<&Attribute>,
    default: Option<&Attribute>,
) -> PropertyKind {
    if let (Some(_), Some(default)) = (required, default) {
        cx.error(
            default,
            format!("`{ident}` is `#[required]` and has a `#[default]`\nnote: a property has one of the two"),
        );
    }
    if let Some(required) = required {
        if !matches!(required.meta, Meta::Path(_)) {
            cx.mended(required, "`#[required]` takes nothing");
        }
        return PropertyKind::Required;
    }
    let Some(default) = default else { return PropertyKind::Plain };
    if arguments(default).is_empty() {
        cx.error(default, "`#[default]` needs a value: `#[default(8080)]`\nnote: a property without attribute is `Default::default()`");
        return PropertyKind::Plain;
    }
    default_value(cx, default).map_or(PropertyKind::Plain, PropertyKind::Default)
}

/// `a = expr, b.c = expr`.
fn sets(cx: &Diagnostics, attr: &Attribute) -> Vec<Set> {
    let mut sets: Vec<Set> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Some(error) = other_attribute(input) {
                return Err(error);
            }
            let path = path(input)?;
            let name = path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
            let missing = format!("`{name}` needs a value: `#[node({name} = value)]`");
            if input.peek(Token![::]) {
                let message =
                    "a property further down is written with dots: `#[node(child.name = value)]`";
                return Err(input.error(message));
            }
            if input.parse::<Option<Token![=]>>()?.is_none()
                || input.is_empty()
                || input.peek(Token![,])
            {
                return Err(syn::Error::new(path[0].span(), missing));
            }
            let value: Expr = input.parse()?;
            if sets.iter().any(|set| set.path == path) {
                cx.mended(&path[0], format!("`{name}` is set twice"));
            } else {
                sets.push(Set { path, value });
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    cx.ok(read(attr, parser));
    sets
}

/// `child.property`.
fn path(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let name = |message: &str| {
        let at = input.span();
        let name = input.call(Ident::parse_any).ok().filter(|name| name != "self" && name != "_");
        name.ok_or_else(|| syn::Error::new(at, message))
    };
    let mut path =
        vec![name("expected the name of a property of the child: `#[node(name = value)]`")?];
    while input.parse::<Option<Token![.]>>()?.is_some() {
        path.push(name("expected the name of a property: `#[node(child.name = value)]`")?);
    }
    Ok(path)
}

/// What is no property, but an attribute beside this one, or of another node.
fn other_attribute(input: ParseStream<'_>) -> Option<syn::Error> {
    let ahead = input.fork();
    let name = ahead.call(Ident::parse_any).ok()?;
    if ahead.peek(Token![=]) || ahead.peek(Token![.]) {
        return None;
    }
    let written = if ahead.peek(syn::token::Paren) { "(..)" } else { "" };
    let message = match name.to_string().as_str() {
        "node" => return None,
        own if OURS.contains(&own) => {
            format!("`{own}` is an attribute of its own: `#[{own}{written}]` beside `#[node]`")
        }
        key if KEYS.contains(&key) => {
            format!("`{key}` is for the struct of a node: `#[node({key}{written})]` in front of it")
        }
        _ => return None,
    };
    Some(syn::Error::new(name.span(), message))
}

fn inherit(cx: &Diagnostics, attr: &Attribute) -> bool {
    if !matches!(attr.meta, Meta::Path(_)) {
        cx.mended(attr, "`#[inherit]` takes nothing: all that the child has is inherited\nnote: what a node has itself wins");
    }
    true
}

fn group(cx: &Diagnostics, attr: &Attribute) -> Option<Path> {
    if arguments(attr).is_empty() {
        cx.mended(attr, "`#[group]` needs a group: `#[group(production)]`");
        return None;
    }
    let tokens = arguments(attr);
    let path = syn::parse2(tokens.clone()).ok();
    if path.is_none() {
        cx.mended(tokens, "a group is a name: `#[group(production)]`, or the path of a constant, `#[group(groups::CANARY)]`");
    }
    path
}

/// What the one attribute says, or several, which has been told: together they say what is meant.
fn mapping(
    cx: &Diagnostics,
    ident: &Ident,
    map_roles: &[&Attribute],
    hosts: &[&Attribute],
) -> Mapping {
    match (map_roles, hosts) {
        ([_, ..], [hosts, ..]) => {
            cx.error(
                hosts,
                format!("`{ident}` has `#[map_roles]` and `#[hosts]`\nnote: its hosts are either ours or its own"),
            );
            Mapping::ByName
        }
        ([first, ..], []) => {
            let mut roles: Vec<RoleMap> = Vec::new();
            for attr in map_roles {
                let mut more = Vec::new();
                cx.ok(read(attr, |input: ParseStream<'_>| role_maps(cx, input, &mut more)));
                more.retain(|new| roles.iter().all(|known| known.role != new.role));
                roles.extend(more);
            }
            Mapping::MapRoles { span: first.path().span(), roles }
        }
        ([], [first, ..]) => {
            let (mut roles, mut rest): (Vec<HostsFor>, _) = (Vec::new(), None);
            for attr in hosts {
                let mut more = Vec::new();
                let parser = |input: ParseStream<'_>| own_hosts(cx, input, &mut more, &mut rest);
                cx.ok(read(attr, parser));
                more.retain(|new| roles.iter().all(|known| known.role != new.role));
                roles.extend(more);
            }
            Mapping::Hosts { span: first.path().span(), roles, rest }
        }
        ([], []) => Mapping::ByName,
    }
}

/// `role = `, once for each role.
fn role(
    cx: &Diagnostics,
    input: ParseStream<'_>,
    known: &[&Ident],
    attribute: &str,
    example: &str,
) -> syn::Result<Option<Ident>> {
    let Ok(role) = input.parse::<Ident>() else {
        let message = format!("expected a role of the child: `#[{attribute}(role = {example})]`");
        return Err(input.error(message));
    };
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() || input.peek(Token![,]) {
        let message = format!("role `{role}` needs hosts: `{role} = {example}`");
        return Err(syn::Error::new(role.span(), message));
    }
    if known.contains(&&role) {
        cx.mended(&role, format!("role `{role}` is given twice"));
        return Ok(None);
    }
    Ok(Some(role))
}

const SOURCES: &str = "expected one of our roles, a list of them such as `[master, replica]`, or `ALL`\nnote: hosts are given by `#[hosts(..)]`";

/// `r = a, s = [a, b], t = ALL`.
fn role_maps(
    cx: &Diagnostics,
    input: ParseStream<'_>,
    roles: &mut Vec<RoleMap>,
) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(Token![..]) {
            return Err(input.error("`..` is for `#[hosts(..)]`: here each role of the child is mapped, by `ALL` to all of our hosts"));
        }
        let known: Vec<&Ident> = roles.iter().map(|map| &map.role).collect();
        let role = role(cx, input, &known, "map_roles", "our_role")?;
        let source = if input.peek(syn::token::Bracket) {
            let content;
            bracketed!(content in input);
            let mut names = Vec::new();
            while !content.is_empty() {
                let Ok(name) = content.parse::<Ident>() else {
                    let error = content.error(SOURCES);
                    content.parse::<TokenStream>()?;
                    return Err(error);
                };
                names.push(name);
                if !content.is_empty() {
                    content.parse::<Token![,]>()?;
                }
            }
            RoleSource::Roles(names)
        } else if input.peek(syn::Ident) {
            let name: Ident = input.parse()?;
            if name == "ALL" { RoleSource::All } else { RoleSource::Roles(vec![name]) }
        } else {
            return Err(input.error(SOURCES));
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            let message = SOURCES.replace("expected one of", "expected `,` behind one of");
            return Err(input.error(message));
        }
        roles.extend(role.map(|role| RoleMap { role, source }));
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(())
}

/// `r = [host, "pattern"], ..`.
fn own_hosts(
    cx: &Diagnostics,
    input: ParseStream<'_>,
    roles: &mut Vec<HostsFor>,
    rest: &mut Option<TokenStream>,
) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(Token![..]) {
            *rest = Some(input.parse::<Token![..]>()?.into_token_stream());
            input.parse::<Option<Token![,]>>()?;
            if !input.is_empty() {
                return Err(
                    input.error("`..` stands at the end: the roles that are left are empty")
                );
            }
            return Ok(());
        }
        let known: Vec<&Ident> = roles.iter().map(|hosts| &hosts.role).collect();
        let role = role(cx, input, &known, "hosts", "[\"web[1-3]\"]")?;
        let hosts = match input.parse()? {
            Expr::Array(array) => array.elems.into_iter().collect(),
            one => vec![one],
        };
        roles.extend(role.map(|role| HostsFor { role, hosts }));
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}
