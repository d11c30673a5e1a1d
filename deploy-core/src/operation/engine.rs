//! `ensure`: read, plan, apply.
//!
//! The states of all operations of a host are read in one round trip. After a change all that follow are read again,
//! because the change may be what they wait for, and in the same round trip as the change. So a converged host costs
//! one round trip however many operations there are, and each step one more.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::inspection::Inspection;
use super::{Change, IntoOps, Op, Plan, Step};
use crate::command::{Cmd, Output};
use crate::env::{Env, Mode};
use crate::event::{EventKind, OperationResult};
use crate::hosts::{Host, Hosts, PerHost, bounded};
use crate::{Error, Result};

impl Host {
    /// Makes the host what `operation` wants, and says what that changed. In a dry run it is only shown.
    ///
    /// # Errors
    /// When the state cannot be read or a step fails.
    pub fn ensure(&self, operation: impl Into<Op>) -> BoxFuture<'static, Result<Change>> {
        let (host, ops) = (self.clone(), vec![operation.into()]);
        Box::pin(async move { Ok(apply(&host, &ops).await?.remove(0)) })
    }

    /// Makes the host what all `operations` want, in order; reads the state of all of them in one round trip. The
    /// result has a part for each.
    ///
    /// # Errors
    /// When the state cannot be read or a step fails; the operations after it are not attempted.
    pub fn ensure_all(&self, operations: impl IntoOps) -> BoxFuture<'static, Result<Change>> {
        let (host, ops) = (self.clone(), operations.into_ops());
        Box::pin(async move { Ok(Change::several(apply(&host, &ops).await?)) })
    }
}

impl Hosts {
    /// Makes every host what `operation` wants.
    ///
    /// # Errors
    /// When any host failed: one error that names every one.
    pub fn ensure(&self, operation: impl Into<Op>) -> BoxFuture<'static, Result<PerHost<Change>>> {
        let ops = vec![operation.into()];
        let all = each(self, ops);
        Box::pin(async move { Ok(all.await?.map(|mut changes| changes.remove(0))) })
    }

    /// Makes every host what all `operations` want; one round trip for each host that is so already.
    ///
    /// # Errors
    /// When any host failed: one error that names every one.
    pub fn ensure_all(
        &self,
        operations: impl IntoOps,
    ) -> BoxFuture<'static, Result<PerHost<Change>>> {
        let all = each(self, operations.into_ops());
        Box::pin(async move { Ok(all.await?.map(Change::several)) })
    }
}

fn each(hosts: &Hosts, ops: Vec<Op>) -> BoxFuture<'static, Result<PerHost<Vec<Change>>>> {
    let env = hosts.environment();
    let ops: Arc<[Op]> = ops.into();
    let runs: Vec<_> = hosts
        .going(&env)
        .map(|host| {
            let ops = ops.clone();
            async move {
                let result = apply(&host, &ops).await;
                (host, result)
            }
        })
        .collect();
    Box::pin(async move {
        bounded(env.parallelism(), runs).await.into_iter().collect::<PerHost<_>>().all_ok()
    })
}

/// Brings `host` to what `ops` want, one after the other.
async fn apply(host: &Host, ops: &[Op]) -> Result<Vec<Change>> {
    let env = host.environment();
    if env.current_mode() == Mode::Sandbox {
        return syntax_check(host, ops).await;
    }
    let mut answers = inspect(host, ops).await?;
    let mut changes = Vec::with_capacity(ops.len());
    for (index, op) in ops.iter().enumerate() {
        let planned = match answers.pop_front() {
            Some(answer) => op.plan(&answer),
            None => Err(Error::msg("its state was not read")),
        };
        let plan = match planned {
            Ok(plan) => plan,
            Err(error) => {
                report(&env, host, op, OperationResult::Failed, String::new());
                return Err(host.error(format!("{}: {error}", op.describe())));
            }
        };
        let result = match (plan.is_empty(), env.current_mode()) {
            (true, _) => OperationResult::Unchanged,
            (false, Mode::DryRun) => OperationResult::WouldChange,
            (false, _) => match carry_out(host, &plan, &ops[index + 1..]).await {
                Ok(fresh) => {
                    answers = fresh;
                    OperationResult::Changed
                }
                Err(error) => {
                    report(&env, host, op, OperationResult::Failed, String::new());
                    return Err(error);
                }
            },
        };
        let diff = plan.diff();
        report(&env, host, op, result, diff.clone());
        changes.push(Change::one(op.describe(), result != OperationResult::Unchanged, diff));
    }
    Ok(changes)
}

/// Takes the steps of a plan and reads the state of the operations after it anew, together with the last step.
async fn carry_out(host: &Host, plan: &Plan, rest: &[Op]) -> Result<VecDeque<Output>> {
    let Some((last, before)) = plan.steps().split_last() else {
        return inspect(host, rest).await;
    };
    for step in before {
        host.run(shown(step)).await?;
    }
    if rest.is_empty() || !last.cmd().is_plain() {
        host.run(shown(last)).await?;
        return inspect(host, rest).await;
    }
    let together = Inspection::after(last, rest);
    let answer = host.run(&together.cmd).await?;
    match together.split(&answer) {
        Some(answers) => Ok(answers.into()),
        None => inspect(host, rest).await,
    }
}

/// A step's command, called what the step is.
fn shown(step: &Step) -> Cmd {
    step.cmd().clone().described_as(step.description()).quiet()
}

/// The answer of each operation's inspection. Too much output for one answer is asked for piece by piece.
async fn inspect(host: &Host, ops: &[Op]) -> Result<VecDeque<Output>> {
    if ops.is_empty() {
        return Ok(VecDeque::new());
    }
    let together = Inspection::of(ops);
    let answer = host.probe(&together.cmd).await?;
    if let Some(answers) = together.split(&answer) {
        return Ok(answers.into());
    }
    let mut answers = VecDeque::with_capacity(ops.len());
    for op in ops {
        let alone = Inspection::of(std::slice::from_ref(op));
        let answer = host.probe(&alone.cmd).await?;
        let split = alone.split(&answer).ok_or_else(|| {
            host.error(format!("{}: the answer to its inspection is not whole", op.describe()))
        })?;
        answers.extend(split);
    }
    Ok(answers)
}

/// A sandbox runs nothing, so there is no state and no plan: only the inspections themselves can be checked.
async fn syntax_check(host: &Host, ops: &[Op]) -> Result<Vec<Change>> {
    let mut changes = Vec::with_capacity(ops.len());
    for op in ops {
        let description = op.describe();
        host.probe(op.inspect().described_as(format!("inspect {description}"))).await?;
        changes.push(Change::one(description, false, String::new()));
    }
    Ok(changes)
}

fn report(env: &Env, host: &Host, op: &Op, result: OperationResult, diff: String) {
    env.emit(EventKind::Operation {
        host: host.name().to_owned(),
        description: op.describe(),
        result,
        diff,
    });
}

#[cfg(test)]
mod tests;
