//! What a type's `#[node]` impl blocks say, with the functions that do it. The types that they are of are given up here.

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;

use super::{ActionSpec, BlockRows, PropertySpec};
use crate::node::run::{Called, me, no_action, no_property};
use crate::node::{Args, NodeActions, Value};
use crate::tree::Call;
use crate::{Error, Result};

/// What the `#[node]` impl blocks of a type say.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Impls {
    /// Of the node.
    pub own: Block,
    /// Of its arrays.
    pub array: Block,
}

/// What one `#[node]` impl block says: rows, and the functions that do what the rows speak of.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub actions: &'static [ActionSpec],
    pub queries: &'static [PropertySpec],
    pub hooks: &'static [HookSpec],
    /// Runs an action.
    pub call: CallFn,
    /// Shows a query's value in a node of the right type; secrets stay hidden.
    pub query: QueryFn,
}

impl Block {
    pub(super) const NONE: Self = Self {
        actions: &[],
        queries: &[],
        hooks: &[],
        call: BlockImpl::NONE.call,
        query: BlockImpl::NONE.query,
    };
}

/// Shows the query of this number.
#[doc(hidden)]
pub type QueryFn = fn(&dyn Any, usize) -> String;

/// A `#[node]` impl block without the type that it is of.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct BlockImpl {
    pub(super) describe: fn(&mut BlockRows),
    pub(super) call: CallFn,
    pub(super) query: QueryFn,
}

impl BlockImpl {
    /// That of a type without a `#[node]` impl block.
    pub const NONE: Self = Self {
        describe: |_| (),
        call: |_, number, _| no_action(number),
        query: |_, number| no_property(number),
    };

    /// That of `T`.
    #[must_use]
    pub const fn of<T: NodeActions>() -> Self {
        Self {
            describe: T::describe,
            call: |node, number, args| T::call(me(node), number, args),
            query: |node, number| T::query(me(node), number),
        }
    }
}

/// Makes the future of the action of this number; nothing runs before it is polled.
#[doc(hidden)]
pub type CallFn = for<'a> fn(&'a dyn Any, usize, &mut Args) -> Called<'a>;

/// What is called around every action; see `#[hook]` of [`node`](macro@crate::node).
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum HookSpec {
    Before(for<'a> fn(&'a dyn Any, &'a Call) -> BoxFuture<'a, Result>),
    After(for<'a> fn(&'a dyn Any, &'a Call, &'a Value) -> BoxFuture<'a, Result>),
    Failed(for<'a> fn(&'a dyn Any, &'a Call, &'a Error) -> BoxFuture<'a, Result>),
}

impl fmt::Debug for HookSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before(_) => "Before",
            Self::After(_) => "After",
            Self::Failed(_) => "Failed",
        })
    }
}
