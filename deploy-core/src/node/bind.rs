//! Binding: from a description with values to a tree of nodes with hosts.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ctx::Place;
use super::dynamic::{ChildRef, DynNode};
use super::roles::{self, Roles};
use super::slot::Layers;
use super::{IsRoot, NodeImpl};
use crate::{Env, Result};

/// A node that has all its values and no hosts yet: what `X::builder()…build()` makes.
pub struct Draft<X: NodeImpl> {
    #[doc(hidden)]
    pub overrides: X::Overrides,
}

impl<X: NodeImpl> Draft<X> {
    #[doc(hidden)]
    pub fn of(overrides: X::Overrides) -> Self {
        Self { overrides }
    }

    /// Binds the tree below this node to its own hosts (`#[node(hosts = ..)]`), or else to no hosts.
    ///
    /// # Errors
    /// When a host pattern is wrong, or a role has fewer or more hosts than it takes. No host is touched.
    pub fn bind(self, env: &Env) -> Result<Bound<X>>
    where
        X: IsRoot,
    {
        let roles = match X::own_hosts()? {
            Some(hosts) => roles::from_list(&hosts.hosts_of()),
            None => X::Roles::empty(),
        };
        self.bind_to(roles, env)
    }

    /// Binds the tree below this node to these hosts.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_to(self, roles: X::Roles, env: &Env) -> Result<Bound<X>>
    where
        X: IsRoot,
    {
        let root = X::bind(&Layers::of(&self.overrides), roles, &Place::root(env))?;
        let alive = Arc::new(AtomicBool::new(true));
        let inner = Arc::new(Inner { root, alive });
        let rooted = (X::ERASE.root)(inner.clone());
        link(rooted.root(), &inner.alive, &rooted.clone().whole());
        Ok(Bound { inner, env: env.clone() })
    }
}

impl<X: NodeImpl> fmt::Debug for Draft<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({})", X::spec().type_name)
    }
}

/// Tells every node where its parent is, and every array which tree it belongs to.
fn link(node: &dyn DynNode, alive: &Arc<AtomicBool>, root: &Arc<dyn Any + Send + Sync>) {
    for child in node.children() {
        match child {
            ChildRef::Node(child) => {
                child.core().set_parent(node, alive);
                link(child, alive, root);
            }
            ChildRef::Array(array) => {
                array.set_root(Arc::downgrade(root));
                array.core().set_parent(node, alive);
                for (_, cell) in array.cells() {
                    cell.core().set_parent(node, alive);
                    link(cell, alive, root);
                }
            }
        }
    }
}

/// A tree of nodes that are bound to hosts; dereferences to its root. Cheap to clone.
///
/// Nodes are never moved or changed in it, so they are only ever borrowed from here.
pub struct Bound<R> {
    inner: Arc<Inner<R>>,
    env: Env,
}

pub(super) struct Inner<R> {
    root: R,
    alive: Arc<AtomicBool>,
}

/// Before the nodes are dropped, nobody may ask for a parent any more.
impl<R> Drop for Inner<R> {
    fn drop(&mut self) {
        self.alive.store(false, Ordering::Release);
    }
}

impl<R> Bound<R> {
    pub(crate) fn env(&self) -> &Env {
        &self.env
    }
}

/// A bound root of any type.
pub(crate) trait Rooted: Send + Sync {
    fn root(&self) -> &dyn DynNode;
    /// The whole tree, as what keeps it alive.
    fn whole(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<R: NodeImpl + Send + Sync> Rooted for Inner<R> {
    fn root(&self) -> &dyn DynNode {
        &self.root
    }

    fn whole(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<R: NodeImpl> Bound<R> {
    pub(crate) fn rooted(&self) -> Arc<dyn Rooted> {
        (R::ERASE.root)(self.inner.clone())
    }
}

impl<R> Deref for Bound<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.inner.root
    }
}

impl<R> Clone for Bound<R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), env: self.env.clone() }
    }
}

impl<R: NodeImpl> fmt::Debug for Bound<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, hosts) = (R::spec().type_name, self.inner.root.ctx().core().hosts());
        if hosts.is_empty() {
            return write!(f, "Bound({name})");
        }
        write!(f, "Bound({name} on {hosts})")
    }
}
