//! `--retry-failed`: the hosts that a run before did not succeed on, if they are still there.

use super::command::Command;
use super::runlog::RunLog;
use crate::env::Env;
use crate::event::EventKind;
use crate::{Error, Result};

/// What there is to do again.
pub(super) enum Again {
    /// On these hosts.
    On(Vec<String>),
    /// Nothing, and why.
    Nothing(String),
}

/// Looks for the last run of what `command` is about.
///
/// # Errors
/// A usage error when it is about nothing that is logged, has not been run, or failed on hosts alone that the tree does not hold any more.
pub(super) fn find(env: &Env, command: &Command, log: Option<&RunLog>) -> Result<Again> {
    let Some((node, action)) = command.subject() else {
        return Err(Error::usage("`--retry-failed` is for an action, or for --run"));
    };
    let path = node.path();
    let name = format!("{path} {action}");
    let name = name.trim();
    let Some(last) = log.and_then(|log| log.last(&path, action)) else {
        return Err(Error::usage_with_hint(
            format!("nothing to retry: `{name}` has not been run from here"),
            "run it without --retry-failed first",
        ));
    };
    let (failed, when) = (last.failed(), last.when());
    if failed.is_empty() {
        return Ok(Again::Nothing(format!("nothing to retry: `{name}` succeeded at {when}")));
    }
    let known = node.with_all_below();
    let (there, gone): (Vec<&str>, Vec<&str>) =
        failed.iter().partition(|host| known.get(host).is_some());
    if there.is_empty() {
        let gone = gone.join(", ");
        return Err(Error::usage_with_hint(
            format!(
                "nothing to retry: `{name}` failed at {when} on hosts that are not there any more: {gone}"
            ),
            "the tree has changed since: run it without --retry-failed",
        ));
    }
    let note = |text: String| env.emit(EventKind::Note { host: None, text });
    note(format!("again on {}, which failed at {when}", there.join(", ")));
    if !gone.is_empty() {
        note(format!("failed then and not there any more: {}", gone.join(", ")));
    }
    let is_lock_step = !node.fans_out() && matches!(command, Command::Call(_));
    if is_lock_step && failed.len() < last.hosts.len() {
        let text = "the other hosts may lack what the action does after what failed: run it on all to be sure";
        note(text.to_owned());
    }
    Ok(Again::On(there.into_iter().map(str::to_owned).collect()))
}
