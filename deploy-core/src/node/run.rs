//! What an action's adapter calls: from a node of any type and words to a future that gives a [`Value`].
//!
//! That future is `Send`, so that actions are called by name from any task. One that is not itself, because of what it holds
//! over an `await`, is polled on the thread that began it and nowhere else ([`Work::Local`]).

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use send_wrapper::SendWrapper;
use serde::Serialize;

use super::{Returned, Value};
use crate::{Error, Result};

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

/// What is shown of what an action returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an action returns a `Result` with an error that turns into `Error`, not `{Self}`",
    label = "expected `Result` or `Result<T>`",
    note = "whatever implements `std::error::Error` turns into `Error`; a text does with `Error::msg(text)`"
)]
pub trait Answered {
    fn answer(self) -> Result<Value>;
}

impl<R: Returned> Answered for R
where
    R::Value: Shown,
{
    fn answer(self) -> Result<Value> {
        self.returned()?.shown()
    }
}

/// What a hook returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a hook returns a `Result` with an error that turns into `Error`, not `{Self}`",
    label = "expected `Result`",
    note = "whatever implements `std::error::Error` turns into `Error`; a text does with `Error::msg(text)`"
)]
pub trait Hooked {
    fn hooked(self) -> Result;
}

#[diagnostic::do_not_recommend]
impl<R: Returned<Value = ()>> Hooked for R {
    fn hooked(self) -> Result {
        self.returned()
    }
}

/// What no row says is called.
///
/// # Panics
/// Always.
pub fn no_action<'a>(number: usize) -> Called<'a> {
    unreachable!("there is no action {number}")
}

/// As [`no_action`].
///
/// # Panics
/// Always.
pub fn no_property(number: usize) -> String {
    unreachable!("there is no property {number}")
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
/// [`Made`](super::probe::Made) becomes it.
pub enum Work<'a, R> {
    /// May go from thread to thread.
    Send(BoxFuture<'a, R>),
    /// May not.
    Local(Local<'a, R>),
}

/// A future that is polled and dropped on one thread alone.
pub struct Local<'a, R>(Option<SendWrapper<Pin<Box<dyn Future<Output = R> + 'a>>>>);

impl<'a, R> Local<'a, R> {
    pub(super) fn new(future: impl Future<Output = R> + 'a) -> Self {
        Self(Some(SendWrapper::new(Box::pin(future))))
    }
}

impl<R> Future for Local<'_, R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R>> {
        match &mut self.0 {
            Some(future) if future.valid() => future.as_mut().poll(cx).map(Ok),
            _ => Poll::Ready(Err(Error::usage_with_hint(
                "an action that is not `Send` went on in another thread than it began in",
                "call it in a `tokio::task::LocalSet`, or do not hold what is not `Send`, such as an `Rc`, over an `await`",
            ))),
        }
    }
}

/// What may not leave its thread may not be dropped elsewhere either: then it stays in memory.
impl<R> Drop for Local<'_, R> {
    fn drop(&mut self) {
        if self.0.as_ref().is_some_and(|future| !future.valid()) {
            std::mem::forget(self.0.take());
        }
    }
}

impl<R> fmt::Debug for Work<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send(_) => "Send",
            Self::Local(_) => "Local",
        })
    }
}

impl<R> fmt::Debug for Local<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Local")
    }
}

impl<R> Work<'_, R> {
    async fn done(self) -> Result<R> {
        match self {
            Self::Send(future) => Ok(future.await),
            Self::Local(future) => future.await,
        }
    }
}

/// What an adapter gives: the action's future.
pub type Called<'a> = BoxFuture<'a, Result<Value>>;

impl<'a, R: 'a> Work<'a, R> {
    /// Runs an action; `answer` is what becomes of what it returns. Not a bound, which would be a second error of one mistake.
    pub fn run(self, answer: fn(R) -> Result<Value>) -> Called<'a> {
        Box::pin(async move { answer(self.done().await?) })
    }

    /// Runs a hook; `done` is as `answer` of [`run`](Self::run).
    #[must_use]
    pub fn hook(self, done: fn(R) -> Result) -> BoxFuture<'a, Result> {
        Box::pin(async move { done(self.done().await?) })
    }
}
