//! Choosing nodes: filters that combine with `&`, `|` and `!`.

use std::any::TypeId;
use std::fmt;
use std::ops::{BitAnd, BitOr, Not};
use std::sync::Arc;

use super::NodeRef;
use crate::host::glob;
use crate::node::NodeImpl;

/// A condition on nodes.
///
/// ```
/// use deploy_core::tree::{has_action, in_group, private};
/// let filter = has_action("deploy") & !private() & (in_group("production") | in_group("beta"));
/// ```
#[derive(Clone)]
pub struct Filter(Arc<dyn Fn(&NodeRef) -> bool + Send + Sync>);

impl Filter {
    /// Keeps the nodes for which `keep` holds.
    pub fn new(keep: impl Fn(&NodeRef) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }

    /// Whether it keeps this node.
    #[must_use]
    pub fn keeps(&self, node: &NodeRef) -> bool {
        (self.0)(node)
    }
}

/// Nodes of type `T`, and those that inherit from it.
#[must_use]
pub fn is<T: NodeImpl>() -> Filter {
    Filter::new(|node| {
        let wanted = TypeId::of::<T>();
        std::iter::successors(Some(node.spec()), |spec| spec.base())
            .any(|spec| (spec.type_id)() == wanted)
    })
}

/// Nodes that have an action of this name or alias.
#[must_use]
pub fn has_action(name: impl Into<String>) -> Filter {
    let name = name.into();
    Filter::new(move |node| node.action(&name).is_some())
}

/// Nodes of a group, by its name.
#[must_use]
pub fn in_group(name: impl Into<String>) -> Filter {
    let name = name.into();
    Filter::new(move |node| node.group().is_some_and(|group| group.name() == name))
}

/// Nodes whose field, or a field above it, begins with an underscore.
#[must_use]
pub fn private() -> Filter {
    Filter::new(NodeRef::is_private)
}

/// Nodes of this name; `*` stands for anything.
impl From<&str> for Filter {
    fn from(pattern: &str) -> Self {
        let pattern = pattern.to_owned();
        Self::new(move |node| glob(pattern.as_bytes(), node.bare_name().as_bytes()))
    }
}

impl BitAnd for Filter {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::new(move |node| self.keeps(node) && other.keeps(node))
    }
}

impl BitOr for Filter {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::new(move |node| self.keeps(node) || other.keeps(node))
    }
}

impl Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(move |node| !self.keeps(node))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}

/// The nodes of a tree, one after the other.
#[derive(Clone, Debug)]
pub struct Walk {
    nodes: std::vec::IntoIter<NodeRef>,
}

impl Walk {
    pub(super) fn new(nodes: Vec<NodeRef>) -> Self {
        Self { nodes: nodes.into_iter() }
    }

    /// Those that the filter keeps.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Self {
        Self::new(self.nodes.filter(|node| filter.keeps(node)).collect())
    }
}

impl Iterator for Walk {
    type Item = NodeRef;

    fn next(&mut self) -> Option<NodeRef> {
        self.nodes.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.nodes.size_hint()
    }
}

impl ExactSizeIterator for Walk {}
