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
    match node.downcast_ref() {
        Some(node) => node,
        None => unreachable!("an action is called on its own node"),
    }
}

/// The future of an action, erased where it is made: everything after it is compiled once for each type of result.
type Work<'a, R> = Box<dyn Future<Output = R> + 'a>;

/// What an adapter gives: the action's future, or what is wrong with its arguments.
pub type Called<'a> = Result<LocalBoxFuture<'a, Result<Value>>>;

/// Runs an action and shows its result: `returned` is its type's [`Returned::returned`](super::Returned::returned), `shown` its
/// value's [`Shown::shown`]. Not bounds, which would be a second error of one mistake.
///
/// # Errors
/// None; adapters use `?` before it.
pub fn run<'a, R: 'a, T: 'a>(
    work: Work<'a, R>,
    returned: fn(R) -> Result<T>,
    shown: fn(&T) -> Result<Value>,
) -> Called<'a> {
    let work = Box::into_pin(work);
    Ok(Box::pin(async move { shown(&returned(work.await)?) }))
}

/// Runs an action whose result is not shown.
///
/// # Errors
/// None, as [`run`].
pub fn run_silently<'a, R: 'a, T: 'a>(
    work: Work<'a, R>,
    returned: fn(R) -> Result<T>,
) -> Called<'a> {
    let work = Box::into_pin(work);
    Ok(Box::pin(async move { returned(work.await).map(|_| Value::None) }))
}

/// Runs a hook.
pub fn hook<'a, F>(work: F) -> LocalBoxFuture<'a, Result>
where
    F: Future<Output: Returned<Value = ()>> + 'a,
{
    Box::pin(async move { work.await.returned() })
}
