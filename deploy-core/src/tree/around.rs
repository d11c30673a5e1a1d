//! What is around a call: the deploy lock, the hooks of the root, and the audit log.
//!
//! All belong to the call that somebody made by name. Of a call within another one only the lock is taken, which the outer one may not
//! have taken for all hosts of the inner.

use super::{Call, NodeRef};
use crate::audit;
use crate::event::EventKind;
use crate::node::Value;
use crate::spec::HookSpec;
use crate::{Env, Error, Result};

tokio::task_local! {
    /// Set while a call is running in this task.
    static WITHIN: ();
}

/// Runs the action of a call on `node`, with all that is around it.
pub(super) async fn run(call: &Call, node: &NodeRef, env: &Env) -> Result<Value> {
    let is_within = WITHIN.try_with(|()| ()).is_ok();
    if !call.locks() {
        return hooked(call, node, env, is_within).await;
    }
    let lock = node.with_all_below().in_env(env).lock(call.path()).await?;
    let result = hooked(call, node, env, is_within).await;
    if let Err(error) = lock.release().await {
        // The action is as it was; the end of the run tries once more.
        let text = format!("the deploy lock was not freed: {error}");
        env.emit(EventKind::Note { host: None, text });
    }
    result
}

async fn hooked(call: &Call, node: &NodeRef, env: &Env, is_within: bool) -> Result<Value> {
    if is_within {
        return call.act(env, node).await;
    }
    let work = async {
        before(call).await?;
        match call.act(env, node).await {
            Ok(value) => after(call, &value).await.map(|()| value),
            Err(error) => Err(failed(call, error).await),
        }
    };
    let arguments = call.shown_words().join(" ");
    audit::around(env, &call.path(), &arguments, Box::pin(WITHIN.scope((), work))).await
}

/// The first hook that fails is the last: nothing has happened yet, so nothing has to be told to anyone.
async fn before(call: &Call) -> Result {
    let root = call.node().tree().dyn_root();
    for hook in root.spec().hooks() {
        if let HookSpec::Before(hook) = hook {
            hook(root.as_any(), call).await?;
        }
    }
    Ok(())
}

/// All are called, since each may have something of its own to do.
async fn after(call: &Call, value: &Value) -> Result {
    let root = call.node().tree().dyn_root();
    let mut errors = Vec::new();
    for hook in root.spec().hooks() {
        if let HookSpec::After(hook) = hook {
            errors.extend(hook(root.as_any(), call, value).await.err());
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::several(errors)) }
}

/// What the action failed with, and what hooks failed with that were told of it.
async fn failed(call: &Call, error: Error) -> Error {
    let root = call.node().tree().dyn_root();
    let mut errors = Vec::new();
    for hook in root.spec().hooks() {
        if let HookSpec::Failed(hook) = hook {
            errors.extend(hook(root.as_any(), call, &error).await.err());
        }
    }
    errors.insert(0, error);
    Error::several(errors)
}
