//! Runs what was asked for, until it is over or interrupted, and finds the exit code.

use std::any::Any;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::command::Command;
use super::connect;
use super::lock::Told;
use super::reporting::Reporting;
use super::runlog::RunLog;
use super::terminal::Saved;
use super::typed;
use crate::audit;
use crate::command::Cmd;
use crate::env::Env;
use crate::error::ErrorKind;
use crate::event::{EventKind, Failure};
use crate::hosts::{Host, PerHost};
use crate::node::{Value, rollout};
use crate::report::palette::Palette;
use crate::tree::NodeRef;
use crate::{Error, ExitCode, Result};

/// How long what was interrupted may take to end. Commands on hosts need less; this is for actions that do not look.
const PATIENCE: Duration = Duration::from_secs(12);

/// As a shell says that a program was ended by SIGPIPE.
const PIPE_CLOSED: u8 = 128 + 13;

/// Runs an action, or a command on a node's hosts.
pub(super) fn run(
    env: &Env,
    command: &Command,
    reporting: &Reporting,
    log: Option<&RunLog>,
) -> std::process::ExitCode {
    let report = |result| report(env, command, result, reporting, log);
    let terminal = Saved::now();
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(Err(error.into())).into(),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let code = runtime.block_on(async {
        let watch = tokio::spawn(watch(env.clone(), interrupted.clone(), terminal.clone()));
        let result = until_over(env, command).await;
        let interrupted = interrupted.load(Ordering::Relaxed);
        let stopped = !interrupted && env.cancellation().is_cancelled();
        let lost = reporting.unwritable.message();
        let code = match (result, lost) {
            (result, Some(lost)) if !interrupted => {
                Some(report(Err(without_output(lost, result.err()))))
            }
            // Nobody is there to read what else there would be to say.
            _ if stopped => None,
            (Ok(_), _) if interrupted => {
                let detail = String::new();
                Some(report(Err(Error::new(ErrorKind::Cancelled { host: None, detail }))))
            }
            (result, _) => Some(report(result)),
        };
        env.finish().await;
        watch.abort();
        // What was written last may be what could not be written.
        let mut late = reporting.untold();
        if lost.is_none() {
            late.extend(reporting.unwritable.message().map(Error::msg));
        }
        for error in &late {
            super::usage(error, Palette::default());
        }
        match code {
            _ if !late.is_empty() => {
                ExitCode::gravest(code.into_iter().chain([ExitCode::Failed])).map(Into::into)
            }
            code => code.map(Into::into),
        }
    });
    // A thread that waits for an answer on standard input must not hold up the end.
    runtime.shutdown_background();
    terminal.restore();
    code.unwrap_or(std::process::ExitCode::from(PIPE_CLOSED))
}

async fn until_over(env: &Env, command: &Command) -> Result<Shown> {
    let given_up = async {
        env.cancellation().cancelled().await;
        tokio::time::sleep(PATIENCE).await;
    };
    let run_deadline = env.run_deadline();
    let overdue = async {
        match run_deadline {
            Some((at, _)) => tokio::time::sleep_until(at + PATIENCE).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = AssertUnwindSafe(carry_out(env, command)).catch_unwind() => {
            result.unwrap_or_else(|panic| Err(bug(&*panic)))
        }
        () = given_up => {
            let detail = "the action did not end by itself and was given up".to_owned();
            Err(Error::new(ErrorKind::Cancelled { host: None, detail }))
        }
        () = overdue => {
            let limit = run_deadline.map(|(_, limit)| limit).unwrap_or_default();
            Err(Error::msg(format!(
                "the run's time limit of {limit:?} is over, and the action did not end by itself"
            )))
        }
    }
}

/// What ends a run whose output cannot be written: that, and what else failed, but not what was cancelled for it.
fn without_output(lost: &str, error: Option<Error>) -> Error {
    let others = error.into_iter().flat_map(Error::flatten);
    let others = others.filter(|error| !matches!(error.kind(), ErrorKind::Cancelled { .. }));
    Error::several([Error::msg(lost)].into_iter().chain(others).collect())
}

/// A result, and whether it is to be shown.
#[derive(Default)]
struct Shown {
    value: Value,
    text: Vec<(Option<String>, String)>,
    shown: bool,
}

/// A panic has already said where it came from; the run still ends in order, with its summary.
fn bug(panic: &(dyn Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::msg(format!("a bug in the action: it panicked ({message})"))
}

async fn carry_out(env: &Env, command: &Command) -> Result<Shown> {
    match command {
        Command::Call(call) => {
            let value = call.run().await?;
            let text = text(&value);
            Ok(Shown { value, text, shown: !call.action().no_result })
        }
        Command::Run { node, command: source, sudo, lock } => {
            let shown = typed::harmless(&env.secrets().redactor(None).text(source.clone()));
            let option = if *sudo { "--run-with-sudo" } else { "--run" };
            let work = on_hosts(node, source, *sudo, *lock);
            audited(env, node, option, &shown, work).await.map(|()| Shown::default())
        }
        Command::Lock(node, work) => {
            let Told { value, text } = work.run(node).await?;
            Ok(Shown { value, text, shown: true })
        }
        Command::Nothing(why) => {
            let text = why.clone();
            env.emit(EventKind::Note { host: None, text });
            Ok(Shown::default())
        }
        Command::Connect(node) => {
            audited(env, node, "--connect", "", connect::connect(node)).await?;
            Ok(Shown::default())
        }
        _ => Ok(Shown::default()),
    }
}

/// What somebody does on hosts without an action: it leaves the line in their logs that an action would leave.
async fn audited(
    env: &Env,
    node: &NodeRef,
    option: &str,
    arguments: &str,
    work: impl Future<Output = Result> + Send,
) -> Result {
    let what = format!("{} {option}", node.path());
    audit::around(env, what.trim(), arguments, Box::pin(work)).await
}

/// `--run` and `--run-with-sudo`: the output is what there is to see.
async fn on_hosts(node: &NodeRef, command: &str, sudo: bool, lock: bool) -> Result {
    if !lock {
        return run_on(node, command, sudo).await;
    }
    let lock = node.hosts().lock(format!("{} --run", node.path()).trim()).await?;
    let result = run_on(node, command, sudo).await;
    result.and(lock.release().await)
}

async fn run_on(node: &NodeRef, command: &str, sudo: bool) -> Result {
    let hosts = node.hosts();
    if hosts.is_empty() {
        return Err(Error::usage_with_hint(
            format!("{} has no hosts", connect::place(node)),
            "name a node below it: `--list` shows them",
        ));
    }
    let hosts = if sudo { hosts.sudo() } else { hosts };
    let (env, cmd) = (hosts.environment(), Cmd::raw(command));
    let going: Vec<Host> = hosts.going(&env).collect();
    let named = going.iter().map(|host| (host.name().to_owned(), host)).collect();
    let start = |host: &Host| host.run(&cmd);
    let open = |_| std::future::ready(Ok(()));
    let results = rollout::run(env.current_rollout(), &env, named, start, open).await;
    going.iter().cloned().zip(results).collect::<PerHost<_>>().all_ok().map(drop)
}

/// Tells the reporter what came out, and finds the exit code.
fn report(
    env: &Env,
    command: &Command,
    result: Result<Shown>,
    reporting: &Reporting,
    log: Option<&RunLog>,
) -> ExitCode {
    let own = result.as_ref().err().map(Error::exit_code);
    let mut failures = match result {
        Ok(shown) => {
            if shown.shown {
                let (value, text) = (shown.value.to_json(), shown.text);
                env.emit(EventKind::Result { value, text });
            }
            Vec::new()
        }
        Err(error) => Failure::of(&error),
    };
    let told = failures.len();
    for mut failure in env.left_out() {
        if let Command::Call(call) = command {
            failure.action = Some(call.path());
        }
        let same = |known: &Failure| known.host == failure.host && known.message == failure.message;
        if !failures[..told].iter().any(same) {
            failures.push(failure);
        }
    }
    failures.extend(reporting.untold().iter().flat_map(Failure::of));
    let mut code = exit_code(env, own, &failures[told..]);
    if let Some(Err(error)) = log.map(|log| log.keep_run(env, command, code, &failures)) {
        failures.extend(Failure::of(&error));
        code = exit_code(env, own, &failures[told..]);
    }
    env.emit(EventKind::Finished { exit_code: code as u8, failures });
    code
}

/// The gravest of what the command itself came to and of further failures.
fn exit_code(env: &Env, own: Option<ExitCode>, others: &[Failure]) -> ExitCode {
    let others = others.iter().map(|failure| failure.kind.exit_code());
    let code = ExitCode::gravest(own.into_iter().chain(others));
    code.unwrap_or(match env.would_change() {
        true => ExitCode::WouldChange,
        false => ExitCode::Done,
    })
}

/// A result as people read it: one of each cell, or one of all.
fn text(value: &Value) -> Vec<(Option<String>, String)> {
    match value {
        value if value.is_none() => Vec::new(),
        Value::PerHost(cells) => cells
            .iter()
            .filter(|(_, value)| !value.is_none())
            .map(|(host, value)| (Some(host.clone()), value.to_string()))
            .collect(),
        value => vec![(None, value.to_string())],
    }
}

/// The first signal ends the run in order, the second one at once.
async fn watch(env: Env, interrupted: Arc<AtomicBool>, terminal: Saved) {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else { return };
    for first in [true, false] {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        interrupted.store(true, Ordering::Relaxed);
        if first {
            let text = "interrupted: ending what still runs on the hosts (once more: stop at once)";
            env.emit(EventKind::Note { host: None, text: text.to_owned() });
            env.cancellation().cancel();
        }
    }
    terminal.restore();
    let text: &[u8] = match env.locks().any() {
        true => b"stopped; commands may still run on the hosts, which stay locked until `lock release`\n",
        false => b"stopped; commands may still run on the hosts\n",
    };
    // There is nowhere to tell that standard error is gone.
    let _ = std::io::stderr().write_all(text);
    std::process::exit(i32::from(ExitCode::Interrupted as u8));
}
