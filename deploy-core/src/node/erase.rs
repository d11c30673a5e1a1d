//! What a node is turned into where its type is given up, so that other threads can have it.
//!
//! A node whose property is not `Send` and `Sync` cannot be; that is said once, at the property ([`Shared`]). So nothing else
//! may ask it of a node by a bound: each type says by a constant how it is erased, and the macros' constant is there whether
//! it can be or not.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::bind::{Inner, Rooted};
use super::dynamic::{DynArray, DynNode};
use super::probe::Probe;
use super::slot::Overrides;
use super::{Array, NodeImpl};

/// What a property can be: nodes are shared between the tasks of hosts.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a property: it is not `Send` and `Sync`",
    label = "cannot be shared between threads",
    note = "a node is shared between the tasks of its hosts: use `Arc` instead of `Rc`, `Mutex` or an atomic instead of `RefCell` and `Cell`, `dyn Trait + Send + Sync` instead of `dyn Trait`"
)]
pub trait Shared {
    /// Names the bound in an expression.
    const OK: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync> Shared for T {}

/// How a node is erased.
#[doc(hidden)]
pub struct Erase<X: NodeImpl> {
    pub(super) node: fn(&X) -> &dyn DynNode,
    pub(super) root: fn(Arc<Inner<X>>) -> Arc<dyn Rooted>,
    pub(super) overrides: fn() -> Box<dyn Overrides + Send + Sync>,
}

/// How a node is erased that is in an array. In a constant of its own, which parallel nodes alone have.
#[doc(hidden)]
pub struct EraseArray<X: NodeImpl> {
    pub(super) array: fn(&Array<X>) -> &dyn DynArray,
    pub(super) boxed_array: fn(Array<X>) -> Box<dyn DynArray>,
    pub(super) target: fn(X::Array) -> Box<dyn Any + Send + Sync>,
    pub(super) cell: fn(X) -> Box<dyn Any + Send + Sync>,
}

impl<X: NodeImpl> EraseArray<X> {
    /// Of a node that is in no array.
    pub const NONE: Self = Self {
        array: |_| not_shared(),
        boxed_array: |_| not_shared(),
        target: |_| not_shared(),
        cell: |_| not_shared(),
    };
}

macro_rules! debug {
    ($($ty:ident)*) => {$(
        impl<X: NodeImpl> fmt::Debug for $ty<X> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($ty), X::NAME)
            }
        }
    )*};
}
debug!(Erase EraseArray);

/// Of a node that can be shared.
impl<X: NodeImpl + Send + Sync> Probe<X>
where
    X::Overrides: Send + Sync,
{
    /// As itself, and as the root of a tree.
    pub const ERASE: Erase<X> = Erase {
        node: |node| node,
        root: |root| root,
        overrides: || Box::new(X::Overrides::empty()),
    };
}

impl<X: NodeImpl + Send + Sync> Probe<X>
where
    X::Array: Send + Sync,
{
    /// In an array.
    pub const ERASE_ARRAY: EraseArray<X> = EraseArray {
        array: |array| array,
        boxed_array: |array| Box::new(array),
        target: |target| Box::new(target),
        cell: |cell| Box::new(cell),
    };
}

/// Any node, whether it can be shared or not: of one that cannot be it is said at its property.
#[doc(hidden)]
pub trait AnyNode {
    type Node: NodeImpl;

    const ERASE: Erase<Self::Node> =
        Erase { node: |_| not_shared(), root: |_| not_shared(), overrides: || not_shared() };
    const ERASE_ARRAY: EraseArray<Self::Node> = EraseArray::NONE;
}

impl<X: NodeImpl> AnyNode for Probe<X> {
    type Node = X;
}

fn not_shared() -> ! {
    unreachable!(
        "a node that cannot be shared, or is in no array, does not compile where it is to be"
    )
}
