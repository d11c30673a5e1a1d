//! [`Tree`]: the untyped view of a bound tree, by which the command line, the shell and programs find nodes by
//! name, look at them and call their actions.
//!
//! Reads no arguments of the process and prints nothing.

mod around;
mod call;
mod check;
mod filter;
mod node;
mod resolve;

use std::fmt;
use std::sync::Arc;

pub use call::Call;
pub use filter::{Filter, Walk, has_action, in_group, is, private};
pub use node::{NodeRef, Property};
pub use resolve::{Command, PathTokens};

use crate::node::{Bound, DynNode, NodeImpl, Rooted};
use crate::{Env, Result};

/// The untyped view of a bound tree. Cheap to clone; keeps the tree.
#[derive(Clone)]
pub struct Tree {
    root: Arc<dyn Rooted>,
    env: Env,
}

impl Tree {
    /// The tree below `root`.
    #[must_use]
    pub fn of<R: NodeImpl>(root: &Bound<R>) -> Self {
        Self { root: root.rooted(), env: root.env().clone() }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> NodeRef {
        NodeRef::root(self.clone())
    }

    /// The environment that it was bound in.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The node at a path as on the command line: `"production web:web2 git"`, or its words.
    ///
    /// # Errors
    /// A usage error with what there is instead.
    pub fn resolve(&self, path: impl PathTokens) -> Result<NodeRef> {
        let tokens = path.tokens()?;
        tokens.iter().try_fold(self.root(), |node, token| node.child(token))
    }

    /// Every node below the root, and the root first, in declaration order. An array is one node.
    #[must_use]
    pub fn walk(&self) -> Walk {
        self.root().walk()
    }

    /// The nodes that a filter keeps, or, given a string, those of this name (`*` stands for anything).
    pub fn find(&self, what: impl Into<Filter>) -> Walk {
        self.walk().filter(what.into())
    }

    /// Finds mistakes of the whole tree without connecting: names that stand for two things.
    ///
    /// # Errors
    /// A usage error that lists all of them.
    pub fn check(&self) -> Result {
        check::check(self)
    }

    pub(super) fn dyn_root(&self) -> &dyn DynNode {
        self.root.root()
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({})", self.dyn_root().spec().type_name)
    }
}
