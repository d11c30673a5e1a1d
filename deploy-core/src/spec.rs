//! What is known of a node's type without any instance: names, documentation, parameters, nesting.
//!
//! Plain `static` data; [`rows`] takes it from the macros. Everything that help, completion and listings print comes from here,
//! so there is no second source of truth. Knows no hosts and no values.

mod block;
pub(crate) mod rows;

#[doc(hidden)]
pub use block::{Block, BlockImpl, CallFn, HookSpec, Impls, QueryFn};
#[doc(hidden)]
pub use rows::{BlockRows, NodeRows};

use std::any::{Any, TypeId};
use std::fmt;

use crate::node::Role;

/// Whether each host of a node is worked on for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// One node with all its hosts: commands run in lock step.
    Normal,
    /// One cell for each host of the role `host`.
    Parallel,
}

/// How many hosts a role takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Any number, none included.
    Any,
    /// Exactly one.
    One,
    /// One or more.
    AtLeastOne,
}

/// A role of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSpec {
    /// Its name.
    pub name: &'static str,
    /// How many hosts it takes.
    pub cardinality: Cardinality,
}

impl RoleSpec {
    /// A role that takes as many hosts as its field holds.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<R: Role>(name: &'static str) -> Self {
        Self { name, cardinality: R::CARDINALITY }
    }

    /// A role that takes one host or more.
    #[doc(hidden)]
    #[must_use]
    pub const fn at_least_one(name: &'static str) -> Self {
        Self { name, cardinality: Cardinality::AtLeastOne }
    }
}

/// Where a property's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// `Default::default()` unless set.
    Plain,
    /// `#[default(..)]` unless set.
    Default,
    /// Whoever nests the node sets it.
    Required,
    /// A public method without arguments, evaluated when read.
    Query,
}

/// A property of a node.
#[derive(Clone, Copy)]
pub struct PropertySpec {
    /// Its name.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// Where its value comes from.
    pub kind: PropertyKind,
    /// Its type as written.
    pub type_name: &'static str,
    /// What shows its value knows it by: of a field [`NodeImpl::show`](crate::node::NodeImpl), of a query [`Block::query`].
    #[doc(hidden)]
    pub number: usize,
}

/// How a parameter of an action is given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// One word.
    Required,
    /// One word that may be left out.
    Optional,
    /// All words that are left.
    Rest,
    /// `--name`, or nothing.
    Flag,
}

/// A parameter of an action.
#[derive(Clone, Copy)]
pub struct ParamSpec {
    /// Its name.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// How it is given.
    pub kind: ParamKind,
    /// The type of one word as written, such as `u16`.
    pub type_name: &'static str,
    /// The source of its `#[default(..)]`.
    pub default: Option<&'static str>,
    /// The words it takes, if it takes only some.
    #[doc(hidden)]
    pub values: fn() -> Vec<String>,
    /// Reads one word as its type, or says what is wrong with it.
    #[doc(hidden)]
    pub read: fn(&str) -> Result<Box<dyn Any>, String>,
}

impl ParamSpec {
    /// The words it takes, if it takes only some; empty if any.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        (self.values)()
    }

    /// Its default as it would be given: `main` for `"main"`, `very-loud` for `Level::VeryLoud`, and what is neither a text nor
    /// one of its values as written.
    #[must_use]
    pub fn default_word(&self) -> Option<String> {
        let written = self.default?;
        let text = written.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        if let Some(text) = text.filter(|text| !text.contains(['\\', '"'])) {
            return Some(text.to_owned());
        }
        let last = written.rsplit("::").next().unwrap_or(written);
        let is_meant = |value: &String| value.replace('-', "").eq_ignore_ascii_case(last);
        Some(self.values().into_iter().find(is_meant).unwrap_or_else(|| written.to_owned()))
    }
}

/// Whether an action runs for each cell or once for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On the node; of a parallel node, on each cell.
    Cell,
    /// Once, on the array, before isolation.
    Array,
}

/// An action of a node.
#[derive(Clone, Copy)]
pub struct ActionSpec {
    /// Its name on the command line.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// Its doc comment.
    pub doc: &'static str,
    /// Its parameters in order.
    pub params: &'static [ParamSpec],
    /// Whether it runs when the node alone is named.
    pub default: bool,
    /// Whether it runs on one cell, which must be named if there are several.
    pub one_host: bool,
    /// Whether its result is not shown.
    pub no_result: bool,
    /// Whether its hosts are locked against other deployments while it runs.
    pub lock: bool,
    /// What is asked before it runs.
    pub confirm: Option<&'static str>,
    /// Whether it runs for each cell.
    pub scope: Scope,
    /// What [`Block::call`] knows it by.
    #[doc(hidden)]
    pub number: usize,
}

impl ActionSpec {
    /// Whether `name` is its name or an alias.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// The first line of its doc comment.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        summary(self.doc)
    }

    /// How it is called, such as `deploy <commit> [--force]`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut out = self.name.to_owned();
        for param in self.params {
            let name = param.name;
            out.push_str(&match param.kind {
                ParamKind::Required => format!(" <{name}>"),
                ParamKind::Optional => format!(" [{name}]"),
                ParamKind::Rest => format!(" [{name}...]"),
                ParamKind::Flag => format!(" [--{}]", name.replace('_', "-")),
            });
        }
        out
    }
}

/// How a child stands in its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// As itself; a parallel node then shares the cell.
    Bare,
    /// `Array<P>`: a cell for each host.
    Array,
    /// `JustOne<P>`: exactly one cell.
    JustOne,
}

/// A child of a node.
#[derive(Clone, Copy)]
pub struct ChildSpec {
    /// Its name: the field's.
    pub name: &'static str,
    /// The field's doc comment.
    pub doc: &'static str,
    /// Whether its actions, properties and children are the parent's own (`#[inherit]`).
    pub inherited: bool,
    /// Its `#[group(..)]`.
    pub group: Option<Group>,
    /// How it stands in its parent, and its type.
    #[doc(hidden)]
    pub shape: Shape,
}

/// How a child stands in its parent, and its type.
#[doc(hidden)]
pub type Shape = fn() -> (Nesting, &'static NodeSpec);

impl ChildSpec {
    /// The child's type.
    #[must_use]
    pub fn node(&self) -> &'static NodeSpec {
        (self.shape)().1
    }

    /// How it stands in its parent.
    #[must_use]
    pub fn nesting(&self) -> Nesting {
        (self.shape)().0
    }

    /// Whether it is no business of those who use the tree: its field begins with an underscore.
    #[must_use]
    pub fn private(&self) -> bool {
        self.name.starts_with('_')
    }
}

/// A type of node.
#[derive(Clone, Copy)]
pub struct NodeSpec {
    /// The type's name, such as `WebSystem`.
    pub type_name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// Whether it is parallel.
    pub kind: NodeKind,
    /// Its roles in order.
    pub roles: &'static [RoleSpec],
    /// Its property fields in order.
    pub properties: &'static [PropertySpec],
    /// Its children in order.
    pub children: &'static [ChildSpec],
    /// The file that it is written in.
    pub file: &'static str,
    /// The line there.
    pub line: u32,
    #[doc(hidden)]
    pub impls: Impls,
    #[doc(hidden)]
    pub type_id: fn() -> TypeId,
}

impl NodeSpec {
    /// The actions of the node, or of each of its cells.
    #[must_use]
    pub fn actions(&self) -> &'static [ActionSpec] {
        self.impls.own.actions
    }

    /// The actions of an array of it, which run once.
    #[must_use]
    pub fn array_actions(&self) -> &'static [ActionSpec] {
        self.impls.array.actions
    }

    /// Its public methods without arguments.
    #[must_use]
    pub fn queries(&self) -> &'static [PropertySpec] {
        self.impls.own.queries
    }

    /// What is called around actions if this is the root of a tree.
    pub(crate) fn hooks(&self) -> &'static [HookSpec] {
        self.impls.own.hooks
    }

    /// What runs its actions.
    pub(crate) fn call(&self) -> CallFn {
        self.impls.own.call
    }

    /// What shows its queries.
    pub(crate) fn query(&self) -> QueryFn {
        self.impls.own.query
    }

    /// What runs the actions of an array of it.
    pub(crate) fn array_call(&self) -> CallFn {
        self.impls.array.call
    }

    /// The node whose actions it has inherited.
    #[must_use]
    pub fn base(&self) -> Option<&'static NodeSpec> {
        self.children.iter().find(|child| child.inherited).map(ChildSpec::node)
    }

    /// The first line of its doc comment.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        summary(self.doc)
    }
}

/// The first line of a doc comment.
#[must_use]
pub fn summary(doc: &'static str) -> &'static str {
    doc.lines().next().unwrap_or_default()
}

macro_rules! debug_by_name {
    ($($ty:ident $field:ident;)*) => {$(
        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($ty)).field(&self.$field).finish()
            }
        }
    )*};
}
debug_by_name! {
    PropertySpec name;
    ParamSpec name;
    ActionSpec name;
    ChildSpec name;
    NodeSpec type_name;
}

/// A colour of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Color {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
}

/// A group of nodes, for colours and selection. Children belong to their parent's group unless they have one
/// of their own.
///
/// ```
/// use deploy_core::prelude::*;
/// const CANARY: Group = Group::new("canary", Color::Magenta);
/// assert_eq!(CANARY.name(), "canary");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    name: &'static str,
    color: Color,
}

impl Group {
    /// Real users are served here.
    pub const PRODUCTION: Self = Self::new("production", Color::Red);
    /// The last stop before production.
    pub const STAGING: Self = Self::new("staging", Color::Yellow);
    /// Some users are served here.
    pub const BETA: Self = Self::new("beta", Color::Cyan);
    /// This machine.
    pub const LOCAL: Self = Self::new("local", Color::Green);
    /// Anything else.
    pub const OTHER: Self = Self::new("other", Color::White);
    /// Tools.
    pub const UTILITY: Self = Self::new("utility", Color::Blue);

    /// A group of one's own.
    #[must_use]
    pub const fn new(name: &'static str, color: Color) -> Self {
        Self { name, color }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its colour.
    #[must_use]
    pub const fn color(&self) -> Color {
        self.color
    }
}
