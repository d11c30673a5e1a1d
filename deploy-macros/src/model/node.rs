//! A struct with `#[node]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Expr, Generics, Path, Type, Visibility};

use super::DefaultValue;

/// A node: its struct and everything that the attributes say.
pub(crate) struct Node {
    pub(crate) args: NodeArgs,
    pub(crate) attrs: Vec<Attribute>,
    /// The text, or a macro that gives it.
    pub(crate) doc: TokenStream,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
}

/// `#[node(..)]` on the struct.
#[derive(Default)]
pub(crate) struct NodeArgs {
    /// Without `host` of a parallel node, which is always there.
    pub(crate) roles: Option<Vec<Role>>,
    pub(crate) parallel: bool,
    pub(crate) hosts: Option<Expr>,
    /// The word `main`.
    pub(crate) main: Option<Ident>,
    pub(crate) parent: Option<Type>,
}

#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) name: Ident,
    pub(crate) cardinality: Cardinality,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    Any,
    One,
    AtLeastOne,
}

pub(crate) struct Field {
    /// Those that are not ours.
    pub(crate) attrs: Vec<Attribute>,
    /// The text, or a macro that gives it.
    pub(crate) doc: TokenStream,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) kind: FieldKind,
}

pub(crate) enum FieldKind {
    Property(Property),
    Child(Child),
}

pub(crate) struct Property {
    pub(crate) kind: PropertyKind,
    /// Takes exactly its type, not what turns into it.
    pub(crate) exact: bool,
}

pub(crate) enum PropertyKind {
    Plain,
    Default(DefaultValue),
    Required,
}

pub(crate) struct Child {
    pub(crate) sets: Vec<Set>,
    pub(crate) mapping: Mapping,
    pub(crate) inherit: bool,
    pub(crate) group: Option<Path>,
}

/// `path.to.property = expr`.
pub(crate) struct Set {
    pub(crate) path: Vec<Ident>,
    pub(crate) value: Expr,
}

/// Where a child's hosts come from.
pub(crate) enum Mapping {
    ByName,
    MapRoles { span: Span, roles: Vec<RoleMap> },
    Hosts { span: Span, roles: Vec<HostsFor>, rest: Option<TokenStream> },
}

/// `r = a`, `r = [a, b]` or `r = ALL`.
pub(crate) struct RoleMap {
    pub(crate) role: Ident,
    pub(crate) source: RoleSource,
}

pub(crate) enum RoleSource {
    All,
    Roles(Vec<Ident>),
}

/// `r = [host, "pattern"]`.
pub(crate) struct HostsFor {
    pub(crate) role: Ident,
    pub(crate) hosts: Vec<Expr>,
}

impl Node {
    /// The property fields with what they are.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&Field, &Property)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            FieldKind::Property(property) => Some((field, property)),
            FieldKind::Child(_) => None,
        })
    }

    /// The child fields with what they are.
    pub(crate) fn children(&self) -> impl Iterator<Item = (&Field, &Child)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            FieldKind::Child(child) => Some((field, child)),
            FieldKind::Property(_) => None,
        })
    }
}

impl Field {
    /// What it is as a child, if it is one.
    pub(crate) fn as_child_mut(&mut self) -> Option<&mut Child> {
        match &mut self.kind {
            FieldKind::Child(child) => Some(child),
            FieldKind::Property(_) => None,
        }
    }
}
