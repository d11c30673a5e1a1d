//! Nodes: what a bound component holds and can do, and how it comes about.
//!
//! Everything that the macros write is written against what is here, and could be written by hand. Knows no
//! command line; the [`tree`](crate::tree) gives the untyped view.

mod args;
mod array;
mod bind;
mod ctx;
mod dynamic;
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
pub use args::{Args, Argument};
pub use array::{Array, Cells, Fanned, JustOne, Returned};
pub(crate) use bind::Rooted;
pub use bind::{Bound, Draft};
pub(crate) use ctx::token;
pub use ctx::{Core, Ctx, Place};
pub use dynamic::{ChildRef, DynArray, DynNode};
pub use nesting::{Given, InNormal, InParallel, Missing, NestIn, NoArray, Parallel, Wants};
pub use probe::NodeActions;
pub use roles::{CellRoles, HostRoles, IntoHosts, Role, Roles, given, make_role, role};
pub use run::Shown;
pub use slot::{Deep, IntoSlot, Plain, Property, Sets, Settable, Slot, open, value};
pub use value::Value;

use std::any::Any;

use crate::console::Console;
use crate::spec::{Nesting, NodeSpec};
use crate::{Env, Host, Hosts, Result};

/// What the macros implement for a node.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a node",
    label = "expected a node",
    note = "a node is a struct with `#[node]`"
)]
pub trait NodeImpl: Sized + Send + Sync + 'static {
    /// The type itself; see [`Child::Me`].
    type Me: NodeImpl;
    const NAME: &'static str;
    /// Whether it has `#[node(hosts = ..)]`.
    const OWN_HOSTS: bool = false;

    /// Its roles; of a parallel node, those of a cell.
    type Roles: Roles;
    /// The roles of an array of it.
    type ArrayRoles: Roles;
    /// The generics of its context.
    type Generics;
    /// What can be set in it.
    type Overrides: Overrides;
    /// Its builder with nothing set.
    type Builder: Default;
    /// What an array of it dereferences to.
    type Array: From<Cells<Self>> + Send + Sync + 'static;

    fn spec() -> &'static NodeSpec;
    fn ctx(&self) -> &Ctx<Self::Roles, Self::Generics>;
    fn children(&self) -> Vec<ChildRef<'_>>;
    /// Builds it from what is set, the outermost layer first.
    fn bind(layers: &[&Self::Overrides], roles: Self::Roles, at: &Place) -> Result<Self>;

    /// The hosts of `#[node(hosts = ..)]`.
    fn own_hosts() -> Option<Self::ArrayRoles> {
        None
    }
}

/// What can be set in a node.
#[doc(hidden)]
pub trait Overrides: Send + Sync + 'static {
    /// Nothing set.
    fn empty() -> Self;
}

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
    /// The node in it by way of its `Me`, as the subject of other bounds.
    type Inner;
    /// Of an array, the node that must be parallel.
    type Of;
    /// The node in it.
    type N: NodeImpl;
    type Roles: Roles;

    const NESTING: Nesting;
    /// What the default mapping is checked with.
    const WANTS: Wants = Wants {
        node: <Self::N as NodeImpl>::NAME,
        roles: <Self::Roles as Roles>::SPEC,
        nesting: Self::NESTING,
        own_hosts: <Self::N as NodeImpl>::OWN_HOSTS,
    };

    fn bind(layers: &[&OverridesOf<Self>], roles: Self::Roles, at: &Place) -> Result<Self>;
    fn child_ref(&self) -> ChildRef<'_>;

    /// Its builder with nothing set.
    #[must_use]
    fn builder() -> BuilderOf<Self> {
        Default::default()
    }

    /// What is set in it: by the outer layers first, then by its parent.
    fn layers<'a, O>(
        layers: &[&'a O],
        child: impl Fn(&'a O) -> &'a Deep<Self>,
        own: &'a OverridesOf<Self>,
    ) -> Vec<&'a OverridesOf<Self>> {
        layers
            .iter()
            .filter_map(|layer| child(layer).overrides.as_ref()?.downcast_ref())
            .chain([own])
            .collect()
    }

    /// Its roles if it has neither `#[map_roles]` nor `#[hosts]`: its own hosts, or else by name.
    ///
    /// # Errors
    /// When a role of exactly one would have several.
    fn default_roles<P: Roles>(at: &Place, parent: &P) -> Result<Self::Roles> {
        match <Self::N as NodeImpl>::own_hosts() {
            Some(own) => {
                let hosts = own.hosts_of();
                Ok(Self::Roles::make(&mut |index| hosts[index].clone()))
            }
            None => roles::mapped(at.path(), parent, Self::NESTING != Nesting::Bare),
        }
    }
}

/// What can be set in a child.
#[doc(hidden)]
pub type OverridesOf<F> = <<F as Child>::N as NodeImpl>::Overrides;

/// The roles of a child.
#[doc(hidden)]
pub type RolesOf<F> = <F as Child>::Roles;

/// The builder of a child.
#[doc(hidden)]
pub type BuilderOf<F> = <<F as Child>::N as NodeImpl>::Builder;

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

impl<T: NodeImpl> DynNode for T {
    fn spec(&self) -> &'static NodeSpec {
        T::spec()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn core(&self) -> &Core {
        self.ctx().core()
    }

    fn children(&self) -> Vec<ChildRef<'_>> {
        NodeImpl::children(self)
    }

    fn role_hosts(&self) -> Vec<(&'static str, Hosts)> {
        let names = T::Roles::SPEC.iter().map(|role| role.name);
        names.zip(self.ctx().roles().hosts_of()).collect()
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
