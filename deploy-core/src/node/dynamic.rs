//! The untyped view of nodes, which the tree walks.

use std::any::Any;
use std::fmt;
use std::sync::Weak;

use super::ctx::Core;
use crate::Hosts;
use crate::spec::NodeSpec;

/// A bound node of any type.
#[doc(hidden)]
pub trait DynNode: Send + Sync + 'static {
    fn spec(&self) -> &'static NodeSpec;
    fn as_any(&self) -> &dyn Any;
    fn core(&self) -> &Core;
    /// The property field of this number, as text.
    fn show(&self, number: usize) -> String;
    /// In the order of `spec().children`.
    fn children(&self) -> Vec<ChildRef<'_>>;
    /// The hosts of each role, in the order of `spec().roles`.
    fn role_hosts(&self) -> Vec<(&'static str, Hosts)>;
}

/// A bound array of cells of any type.
#[doc(hidden)]
pub trait DynArray: Send + Sync + 'static {
    /// The array as its actions take it.
    fn as_any(&self) -> &dyn Any;
    fn core(&self) -> &Core;
    fn cells(&self) -> Vec<(&str, &dyn DynNode)>;
    /// The same array with the cells of these names alone.
    fn subset(&self, names: &[String]) -> Box<dyn DynArray>;
    /// Says which tree it belongs to.
    fn set_root(&self, root: Weak<dyn Any + Send + Sync>);
}

/// A child of a bound node.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum ChildRef<'a> {
    Node(&'a dyn DynNode),
    Array(&'a dyn DynArray),
}

impl fmt::Debug for ChildRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "Node({:?})", node.core()),
            Self::Array(array) => write!(f, "Array({:?})", array.core()),
        }
    }
}
