//! Nodes: what a bound component holds and can do, and how it comes about.
//!
//! Everything that the macros write is written against what is here, and could be written by hand. Knows no
//! command line; the [`tree`](crate::tree) gives the untyped view.

mod args;
mod array;
mod bind;
mod ctx;
mod dynamic;
mod erase;
#[doc(hidden)]
pub mod nesting;
#[doc(hidden)]
pub mod probe;
mod roles;
pub(crate) mod rollout;
#[doc(hidden)]
pub mod run;
mod slot;
mod value;

pub use crate::batch::{Batch, Rollout};
pub(crate) use args::CheckedArgs;
pub use args::{Args, Argument};
pub use array::{Array, Cells, Fanned, JustOne, Returned};
pub(crate) use bind::Rooted;
pub use bind::{Bound, Draft};
pub use ctx::{Core, Ctx, GenericCtx, Place};
pub use dynamic::{ChildRef, DynArray, DynNode};
pub use erase::{AnyNode, Erase, EraseArray, Shared};
pub use nesting::{Given, InNormal, InParallel, Missing, NestIn, NoArray, Parallel, Wants};
#[doc(hidden)]
pub use probe::AnyType;
pub use probe::NodeActions;
pub use roles::{CellRoles, HostRoles, HostsOf, IntoHosts, Role, Roles, given, make_role, role};
pub use run::{Answered, Hooked, Shown};
pub use slot::{
    Deep, IntoSlot, Layers, Opens, Overrides, Plain, Property, Sets, Settable, Slot, open, unset,
};
pub use value::Value;

use std::any::Any;

use crate::console::Console;
use crate::spec::{Nesting, NodeRows, NodeSpec, rows};
use crate::{Env, Host, Hosts, Result};

/// What the macros implement for a node.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a node",
    label = "expected a node",
    note = "a node is a struct with `#[node]`"
)]
pub trait NodeImpl: Sized + 'static {
    /// The type itself; see [`Child::Me`].
    type Me: NodeImpl;
    const NAME: &'static str;
    /// Checks the default mapping of children whose types depend on its generics.
    const MAPPED: () = ();
    /// Whether it has `#[node(hosts = ..)]`.
    const OWN_HOSTS: bool = false;

    /// Its roles; of a parallel node, those of a cell.
    type Roles: Roles;
    /// Its builder with nothing set: what can be set in it.
    type Overrides: Overrides;
    /// What an array of it dereferences to.
    type Array: From<Cells<Self>> + 'static;

    /// What it is turned into where its type is given up.
    const ERASE: Erase<Self>;
    /// The same of a parallel node, in an array.
    const ERASE_ARRAY: EraseArray<Self> = EraseArray::NONE;

    fn ctx(&self) -> &Ctx<Self::Roles>;
    /// Builds it from what is set.
    fn bind(layers: &Layers<'_>, roles: Self::Roles, at: &Place) -> Result<Self>;

    /// Says what it is.
    fn describe(rows: &mut NodeRows);

    /// What is said of it.
    fn spec() -> &'static NodeSpec {
        rows::of::<Self>()
    }

    /// The property of this number in its row, as text; secrets stay hidden.
    fn show(&self, number: usize) -> String {
        run::no_property(number)
    }

    /// In the order of `spec().children`.
    fn children(&self) -> Vec<ChildRef<'_>> {
        Vec::new()
    }

    /// The hosts of `#[node(hosts = ..)]`.
    fn own_hosts() -> Result<Option<ArrayRolesOf<Self>>> {
        Ok(None)
    }
}

/// The roles of an array of a node.
#[doc(hidden)]
pub type ArrayRolesOf<X> = <<X as NodeImpl>::Roles as Roles>::Array;

/// A type that can stand in a `#[node]` field.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a node",
    label = "a `#[node]` field holds a node",
    note = "a property is written without `#[node]`; a node is a struct with `#[node]`"
)]
pub trait Child: Sized + 'static {
    /// The type itself. As the subject of other bounds it keeps a field that is no node one error.
    type Me: Child;
    /// What it stands for: itself ([`Bare`]), an array of a node, or exactly one cell.
    type As: Nested<Self>;

    /// What the default mapping is checked with.
    const WANTS: Wants = Wants {
        node: <NodeOf<Self> as NodeImpl>::NAME,
        roles: <RolesOf<Self> as Roles>::SPEC,
        nesting: Self::As::NESTING,
        own_hosts: <NodeOf<Self> as NodeImpl>::OWN_HOSTS,
    };

    /// Builds it from what is set.
    ///
    /// # Errors
    /// When a host pattern is wrong, or a role has fewer or more hosts than it takes.
    fn bind(layers: &Layers<'_>, roles: RolesOf<Self>, at: &Place) -> Result<Self> {
        Self::As::bind(layers, roles, at)
    }

    /// Its builder with nothing set.
    #[must_use]
    fn builder() -> OverridesOf<Self> {
        Overrides::empty()
    }

    /// Its roles if it has neither `#[map_roles]` nor `#[hosts]`: its own hosts, or else by name.
    ///
    /// # Errors
    /// When a role of exactly one would have several.
    fn default_roles<P: Roles>(at: &Place, parent: &P) -> Result<RolesOf<Self>> {
        let own = <NodeOf<Self> as NodeImpl>::own_hosts();
        let own = own.map_err(|error| error.in_action(at.path()))?.map(|own| own.hosts_of());
        roles::mapped(at.path(), parent, own, Self::As::NESTING != Nesting::Bare)
    }
}

/// How a field of type `F` holds a node.
#[doc(hidden)]
pub trait Nested<F> {
    /// The node in it by way of its `Me`, as the subject of other bounds.
    type Inner;
    /// Of an array, the node that must be parallel.
    type Of;
    /// The node in it.
    type Node: NodeImpl;
    type Roles: Roles;

    const NESTING: Nesting;

    fn bind(layers: &Layers<'_>, roles: Self::Roles, at: &Place) -> Result<F>;
    fn child_ref(field: &F) -> ChildRef<'_>;
}

/// A node that stands as itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct Bare;

impl<N: NodeImpl> Nested<N> for Bare {
    type Inner = N;
    type Of = NoArray;
    type Node = N;
    type Roles = N::Roles;

    const NESTING: Nesting = Nesting::Bare;

    fn bind(layers: &Layers<'_>, roles: N::Roles, at: &Place) -> Result<N> {
        N::bind(layers, roles, at)
    }

    fn child_ref(field: &N) -> ChildRef<'_> {
        ChildRef::Node((N::ERASE.node)(field))
    }
}

/// The node in a child.
#[doc(hidden)]
pub type NodeOf<F> = <<F as Child>::As as Nested<F>>::Node;

/// The node in a child, as the subject of bounds.
#[doc(hidden)]
pub type InnerOf<F> = <<F as Child>::As as Nested<F>>::Inner;

/// Of an array, the node in it, which must be parallel.
#[doc(hidden)]
pub type CellOf<F> = <<F as Child>::As as Nested<F>>::Of;

/// The roles of a child.
#[doc(hidden)]
pub type RolesOf<F> = <<F as Child>::As as Nested<F>>::Roles;

/// What can be set in a child.
#[doc(hidden)]
pub type OverridesOf<F> = <NodeOf<F> as NodeImpl>::Overrides;

/// A node that can be the root of a tree.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the root of a tree",
    label = "stands in a parent",
    note = "`#[node(parent = ..)]` says in which; bind that, or a node above it"
)]
pub trait IsRoot: NodeImpl {}

/// A node that may stand in a `P`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` may not stand in `{P}`",
    label = "has another parent",
    note = "`#[node(parent = ..)]` says where it may stand"
)]
pub trait ChildOf<P> {
    /// Names the bound in an expression.
    const OK: () = ();
}

impl<T: NodeImpl + Send + Sync> DynNode for T {
    fn spec(&self) -> &'static NodeSpec {
        T::spec()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn core(&self) -> &Core {
        self.ctx().core()
    }

    fn show(&self, number: usize) -> String {
        NodeImpl::show(self, number)
    }

    fn children(&self) -> Vec<ChildRef<'_>> {
        NodeImpl::children(self)
    }

    fn role_hosts(&self) -> Vec<(&'static str, Hosts)> {
        self.ctx().role_hosts()
    }
}

/// What every bound node can do.
pub trait Node: NodeImpl {
    /// All its hosts, each once, in the order of its roles.
    fn hosts(&self) -> &Hosts {
        self.ctx().core().hosts()
    }

    /// Its roles.
    fn roles(&self) -> &Self::Roles {
        self.ctx().roles()
    }

    /// The host of this cell.
    fn host(&self) -> &Host
    where
        Self: OneHost,
    {
        OneHost::one_host(self)
    }

    /// Where questions are asked.
    fn console(&self) -> &Console {
        self.env().console()
    }

    /// Its environment.
    fn env(&self) -> &Env {
        self.ctx().core().env()
    }

    /// Its path on the command line, such as `production web:web2 git`; empty for the root.
    fn path(&self) -> &str {
        self.ctx().core().path()
    }
}

impl<T: NodeImpl> Node for T {}

/// A node that has exactly one host: a cell of a parallel node.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a normal node and has no single `host()`",
    label = "a normal node works on all its hosts at once",
    note = "use `self.hosts()` or a role of `self.roles()`, or make it `#[node(parallel)]`"
)]
pub trait OneHost {
    fn one_host(&self) -> &Host;
}
