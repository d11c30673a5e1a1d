//! What an action's adapter calls: from a node of any type and words to a future that gives a [`Value`].

use std::any::Any;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;

use super::{Returned, Value};
use crate::Result;

/// A result that can be shown.
#[diagnostic::on_unimplemented(
    message = "the result `{Self}` of an action cannot be shown",
    label = "is not `Serialize`",
    note = "derive `serde::Serialize` for it, or say `#[action(no_result)]`"
)]
pub trait Shown {
    fn shown(&self) -> Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Shown for T {
    fn shown(&self) -> Result<Value> {
        Value::of(self)
    }
}

/// The node that an action is a method of.
///
/// # Panics
/// When the tree handed out another node; it does not.
pub fn me<T: 'static>(node: &dyn Any) -> &T {
    node.downcast_ref().unwrap_or_else(|| unreachable!("an action is called on its own node"))
}

/// Runs an action and shows its result.
///
/// # Errors
/// None; adapters use `?` before it.
pub fn run<'a, F, R: Returned>(
    work: F,
    shown: fn(&R::Value) -> Result<Value>,
) -> Result<LocalBoxFuture<'a, Result<Value>>>
where
    F: Future<Output = R> + 'a,
    R::Value: 'a,
{
    Ok(Box::pin(async move { shown(&work.await.returned()?) }))
}

/// Runs an action whose result is not shown.
pub fn run_silently<'a, F>(work: F) -> Result<LocalBoxFuture<'a, Result<Value>>>
where
    F: Future<Output: Returned> + 'a,
{
    Ok(Box::pin(async move { work.await.returned().map(|_| Value::None) }))
}

/// Runs a hook.
pub fn hook<'a, F>(work: F) -> LocalBoxFuture<'a, Result>
where
    F: Future<Output: Returned<Value = ()>> + 'a,
{
    Box::pin(async move { work.await.returned() })
}

/// The value of a required property that was not set: the builder's types do not let that happen.
pub fn not_set<T>(node: &str, property: &str) -> T {
    unreachable!("`{node}` cannot be built without its property `{property}`")
}
