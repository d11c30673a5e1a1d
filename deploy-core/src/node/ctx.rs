//! What every bound node holds beside the user's fields: where it stands, its environment, its roles, its parent.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};

use super::dynamic::DynNode;
use super::roles::{self, Roles};
use crate::batch::Rollout;
use crate::opaque::Opaque;
use crate::spec::RoleSpec;
use crate::{Env, Error, Hosts, Result, words};

/// How many nodes may stand in one another; far more than anybody wants, and far less than the stack takes.
const DEEPEST: usize = 50;

/// Where a node is being bound.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Place {
    env: Env,
    words: Vec<String>,
    /// The words as one text.
    path: String,
}

impl Place {
    pub(super) fn root(env: &Env) -> Self {
        Self::at(env.clone(), Vec::new())
    }

    fn at(env: Env, words: Vec<String>) -> Self {
        let path = words::join(&words);
        Self { env, words, path }
    }

    /// Of a node that stands in itself by way of an array there would be no end; of one that does without is the compiler's to say.
    fn check(&self) -> Result {
        if self.words.len() <= DEEPEST {
            return Ok(());
        }
        Err(Error::usage_with_hint(
            format!("`{} …` is more than {DEEPEST} nodes deep", words::join(&self.words[..4])),
            "does a node stand in itself, by way of an `Array`? Then it would in each of its cells, without an end",
        ))
    }

    /// Its path, as on the command line.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The place of a child.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut words = self.words.clone();
        words.push(name.to_owned());
        Self::at(self.env.clone(), words)
    }

    pub(super) fn cell(&self, host: &str) -> Self {
        // What the user says of a rollout is about the cells that the run is about, not about those within a cell.
        let env = match self.env.current_rollout() == Rollout::default() {
            true => self.env.clone(),
            false => self.env.clone().rollout(Rollout::default()),
        };
        let mut words = self.words.clone();
        if let Some(array) = words.last_mut() {
            array.push(':');
            array.push_str(host);
        }
        Self::at(env, words)
    }
}

/// The part of a node's context that does not depend on its type.
#[doc(hidden)]
pub struct Core {
    path: String,
    env: Env,
    hosts: Hosts,
    parent: OnceLock<Parent>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Core({:?})", self.path)
    }
}

/// The address of the node in which another one stands.
struct Parent {
    node: AtomicPtr<()>,
    ty: TypeId,
    /// Whether the tree is still whole; false while it is dropped.
    alive: Arc<AtomicBool>,
}

impl Core {
    pub(super) fn new(at: &Place, hosts: Hosts) -> Self {
        let env = at.env.in_node(&at.path);
        Self { path: at.path.clone(), hosts: hosts.in_env(&env), env, parent: OnceLock::new() }
    }

    /// The core of a node with these roles, whose hosts then work in its environment.
    fn checked(at: &Place, roles: &[RoleSpec], hosts: &mut [Hosts]) -> Result<Self> {
        at.check()?;
        roles::check(&at.path, roles, hosts)?;
        let core = Self::new(at, roles::union(hosts));
        for hosts in hosts {
            *hosts = hosts.in_env(&core.env);
        }
        Ok(core)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Remembers where the parent is. The caller promises, as [`super::bind`] does, that both stay where they are
    /// until `alive` becomes false.
    pub(super) fn set_parent(&self, parent: &dyn DynNode, alive: &Arc<AtomicBool>) {
        let node: *const dyn Any = parent.as_any();
        let ty = parent.as_any().type_id();
        let node = AtomicPtr::new(node.cast::<()>().cast_mut());
        // A tree is linked once, when it is bound; a second attempt would change nothing.
        let _ = self.parent.set(Parent { node, ty, alive: alive.clone() });
    }

    /// The node in which this one, or this array, stands.
    ///
    /// # Panics
    /// While its tree is being dropped, and in a node that stands in no `P`, which does not compile.
    #[expect(unsafe_code, reason = "fields stay plain values and yet know their parent")]
    pub(super) fn stands_in<P: 'static>(&self) -> &P {
        let Some(parent) = self.parent.get() else {
            panic!("`{}` is asked for its parent before its tree is bound", self.path);
        };
        assert!(
            parent.alive.load(Ordering::Acquire),
            "a parent was asked for while its tree is dropped"
        );
        assert!(parent.ty == TypeId::of::<P>(), "`{}` stands in another parent", self.path);
        // SAFETY: the pointer was made from a reference to a node of type `P` (`ty`) that is a part of the same
        // `Arc` as this node, or of the tree whose array owns this node's cell. Nodes are only ever
        // borrowed shared from there, so it has not moved and nobody holds `&mut` to it. The tree outlives
        // `&self`: a cell is only reachable through an array that is a part of the tree or keeps it alive. The one
        // time that `&mut` exists is while the tree is dropped, and then `alive` is false.
        unsafe { &*parent.node.load(Ordering::Relaxed).cast::<P>() }
    }
}

/// What the macros add to a node.
#[doc(hidden)]
pub struct Ctx<R> {
    parts: Opaque<Parts<R>>,
}

struct Parts<R> {
    core: Core,
    roles: R,
}

impl<R: Roles> Ctx<R> {
    /// The context of a node at `at` with these roles.
    ///
    /// # Errors
    /// When a role has fewer hosts than it takes.
    pub fn new(at: &Place, roles: R) -> Result<Self> {
        let mut hosts = roles.hosts_of();
        let core = Core::checked(at, R::SPEC, &mut hosts)?;
        let parts = Parts { core, roles: roles::from_list(&hosts) };
        Ok(Self { parts: Opaque::new(parts) })
    }

    pub(super) fn core(&self) -> &Core {
        &self.parts.core
    }

    /// The hosts of each role.
    pub(super) fn role_hosts(&self) -> Vec<(&'static str, Hosts)> {
        let names = R::SPEC.iter().map(|role| role.name);
        names.zip(self.parts.roles.hosts_of()).collect()
    }

    /// Its roles.
    pub fn roles(&self) -> &R {
        &self.parts.roles
    }

    /// The node in which this one stands.
    ///
    /// # Panics
    /// While its tree is being dropped, and in a node that stands in no `P`, which does not compile.
    #[must_use]
    pub fn stands_in<P: 'static>(&self) -> &P {
        self.core().stands_in()
    }
}

impl<R: Roles> fmt::Debug for Ctx<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("path", &self.core().path)
            .field("hosts", &self.core().hosts)
            .finish()
    }
}

/// What the macros add to a node with generics `G`, which need not appear in a field.
#[doc(hidden)]
pub struct GenericCtx<R, G> {
    ctx: Ctx<R>,
    generics: PhantomData<fn() -> G>,
}

impl<R: Roles, G> GenericCtx<R, G> {
    /// As [`Ctx::new`].
    ///
    /// # Errors
    /// When a role has fewer hosts than it takes.
    pub fn new(at: &Place, roles: R) -> Result<Self> {
        Ok(Self { ctx: Ctx::new(at, roles)?, generics: PhantomData })
    }
}

impl<R, G> Deref for GenericCtx<R, G> {
    type Target = Ctx<R>;

    fn deref(&self) -> &Ctx<R> {
        &self.ctx
    }
}

impl<R: Roles, G> fmt::Debug for GenericCtx<R, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ctx.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use crate::batch::Rollout;
    use crate::prelude::*;

    /// Something on each of a server's hosts.
    #[node(parallel)]
    struct Disk;

    /// A server and its disks.
    #[node(parallel, roles(disks))]
    struct Server {
        #[node]
        #[map_roles(host = disks)]
        disks: Array<Disk>,
    }

    #[node(roles(host, disks))]
    struct Root {
        #[node]
        servers: Array<Server>,
    }

    #[node(parallel)]
    struct Inner {
        #[node]
        outer: Outer,
    }

    #[node]
    struct Outer {
        #[node]
        inner: Array<Inner>,
    }

    #[test]
    fn a_node_that_stands_in_itself_by_way_of_an_array_is_an_error() {
        let roles = OuterRoles { host: Hosts::parse("web1").unwrap() };
        let error = Outer::builder().build().bind_to(roles, &Env::quiet()).unwrap_err();
        let told = "`inner:web1 outer inner:web1 outer …` is more than 50 nodes deep";
        assert_eq!(error.to_string().lines().next(), Some(told));
    }

    #[test]
    fn what_is_said_of_a_rollout_is_not_about_arrays_within_a_cell() {
        let rollout = Rollout { batch: Some(1.into()), ..Rollout::default() };
        let env = Env::quiet().rollout(rollout);
        let hosts = |pattern| Hosts::parse(pattern).unwrap();
        let roles = RootRoles { host: hosts("web[1-2]"), disks: hosts("san[1-2]") };
        let root = Root::builder().build().bind_to(roles, &env).unwrap();
        assert_eq!(root.servers.env().current_rollout(), rollout);
        let cell = root.servers.get("web1").unwrap();
        assert_eq!(cell.disks.len(), 2);
        assert_eq!(cell.disks.env().current_rollout(), Rollout::default());
    }
}
