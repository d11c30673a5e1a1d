//! What becomes of a command that failed: it is tried again, its host is left out of the rest, or the whole run is aborted.

use std::str::FromStr;

use super::Host;
use crate::command::{Cmd, Effect};
use crate::env::Env;
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::failures::OnError;
use crate::{Error, Result};

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Retry,
    GiveUp,
}

/// What somebody answers who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Retry,
    Skip,
    SkipAll,
    Abort,
}

impl FromStr for Answer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "r" | "retry" => Ok(Self::Retry),
            "s" | "skip" => Ok(Self::Skip),
            "all" | "skip-all" | "skip all" => Ok(Self::SkipAll),
            "a" | "abort" => Ok(Self::Abort),
            _ => Err("it is one of retry, skip, skip-all and abort, or its first letter"),
        }
    }
}

/// Why nothing may be started on this host any more, if so.
pub(super) fn stopped(env: &Env, host: &str) -> Option<String> {
    if env.is_around() {
        return None;
    }
    let failures = env.failures();
    let left_out = || failures.has_left_out(host).then(|| "it failed before".to_owned());
    failures.aborted().or_else(left_out)
}

/// Decides on what follows after `error`, and keeps that in mind for the commands that come.
///
/// # Errors
/// When the run was interrupted while somebody was asked.
pub(super) async fn decide(host: &Host, env: &Env, cmd: &Cmd, error: &Error) -> Result<Next> {
    if env.is_around() || !is_failure(cmd, error) {
        return Ok(Next::GiveUp);
    }
    let answer = match env.current_on_error() {
        OnError::Fail => return Ok(Next::GiveUp),
        OnError::Abort => Answer::Abort,
        OnError::Continue => Answer::Skip,
        OnError::Ask => ask(host, env, cmd, error).await?,
    };
    if answer == Answer::Retry {
        return Ok(Next::Retry);
    }
    if stopped(env, host.name()).is_some() {
        return Ok(Next::GiveUp);
    }
    match answer {
        Answer::Abort => env.failures().abort(host.name()),
        _ => {
            env.failures().leave_out(error);
            let text = "left out of what follows".to_owned();
            env.emit(EventKind::Note { host: Some(host.name().to_owned()), text });
        }
    }
    if answer == Answer::SkipAll {
        env.failures().skip_all();
    }
    Ok(Next::GiveUp)
}

fn is_failure(cmd: &Cmd, error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Command { .. } => cmd.effect == Effect::Changes,
        ErrorKind::Unreachable { .. } | ErrorKind::TimedOut { .. } | ErrorKind::Host { .. } => true,
        _ => false,
    }
}

/// Asks about one failure at a time. What was answered about another one meanwhile may settle this one too.
async fn ask(host: &Host, env: &Env, cmd: &Cmd, error: &Error) -> Result<Answer> {
    let _terminal = env.terminal().lock().await;
    if env.failures().aborted().is_some() {
        return Ok(Answer::Abort);
    }
    if env.failures().skips_all() {
        return Ok(Answer::Skip);
    }
    // What has taken the first part of a command's output would take it twice.
    let retry = if cmd.on_stdout.is_none() { "[r]etry, " } else { "" };
    let text = error.to_string();
    let what: String =
        text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let question = format!(
        "{what}\n{}: {retry}[s]kip this host, skip [all] that fail, or [a]bort?",
        host.name()
    );
    let console = env.console().clone();
    let asked = tokio::task::spawn_blocking(move || {
        console.input(question).default("abort").ask::<Answer>()
    });
    match asked.await.map_err(|error| Error::msg(format!("nobody was asked: {error}")))? {
        Ok(Answer::Retry) if retry.is_empty() => Ok(Answer::Abort),
        Ok(answer) => Ok(answer),
        Err(error) if matches!(error.kind(), ErrorKind::Cancelled { .. }) => Err(error),
        // Nobody is there any more, or nobody who can be understood.
        Err(_) => Ok(Answer::Abort),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;
    use crate::hosts::Hosts;
    use crate::testing::{Recorder, Reply};

    fn recorder() -> Recorder {
        Recorder::new().on_host("web1", "make", Reply::status(2))
    }

    #[tokio::test]
    async fn after_an_abort_no_command_begins_anywhere() {
        let recorder = recorder();
        let env = recorder.env().on_error(OnError::Abort);
        let (begun, failed) = (Notify::new(), Notify::new());
        let results = Hosts::parse("web[1-2]")
            .unwrap()
            .in_env(&env)
            .each(async |host: Host| {
                if host.name() == "web1" {
                    begun.notified().await;
                    let result = host.run("make").await;
                    failed.notify_one();
                    return result;
                }
                host.run("first").await?;
                begun.notify_one();
                failed.notified().await;
                host.run("second").await
            })
            .await;
        let errors: Vec<String> = results.failed().map(|(_, error)| error.to_string()).collect();
        assert!(errors[0].starts_with("web1: `make` failed"), "{errors:?}");
        assert_eq!(errors[1], "web2: not attempted, because the run was aborted when web1 failed");
        assert_eq!(recorder.commands("web2"), ["first"]);
        assert!(env.left_out().is_empty());
    }

    #[tokio::test]
    async fn a_host_that_is_left_out_is_asked_nothing_any_more() {
        let recorder = recorder();
        let env = recorder.env().on_error(OnError::Continue);
        let hosts = Hosts::parse("web[1-2]").unwrap().in_env(&env);
        assert_eq!(hosts.run("make").await.unwrap().len(), 1);
        assert_eq!(hosts.probe("id").await.unwrap().len(), 1);
        let error = hosts.get("web1").unwrap().run("id").await.unwrap_err();
        assert_eq!(error.to_string(), "web1: not attempted, it failed before");
        assert_eq!(recorder.commands("web1"), ["make"]);
        assert_eq!(env.left_out().len(), 1);
    }

    #[tokio::test]
    async fn the_last_host_cannot_be_left_out_without_an_error() {
        let env = recorder().env().on_error(OnError::Continue);
        let only = Hosts::parse("web1").unwrap().in_env(&env);
        assert!(only.run("make").await.is_err());
        assert!(only.run("id").await.is_err(), "nobody is left to carry it out");
    }

    #[tokio::test]
    async fn the_no_of_a_command_that_only_reads_leads_to_nothing() {
        for on_error in [OnError::Continue, OnError::Abort, OnError::Ask] {
            let env = recorder().env().on_error(on_error);
            let hosts = Hosts::parse("web[1-2]").unwrap().in_env(&env);
            assert!(hosts.probe("make").await.is_err());
            assert!(hosts.run("id").await.is_ok());
        }
    }
}
