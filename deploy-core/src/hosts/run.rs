//! One command on one host: the run's mode, and whether it is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Host;
use super::attempt::once;
use super::failure::{self, Next};
use crate::audit::Audit;
use crate::command::{Cmd, Effect, Output, Secret, Stdin, Surroundings};
use crate::env::{Env, Mode};
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::host::Context;
use crate::{Error, Result};

/// Runs a command as the environment's mode demands.
pub(super) async fn command(host: &Host, cmd: Cmd) -> Result<Output> {
    let env = host.environment();
    if !env.selects(host.name()) {
        return Err(not_attempted(host, "it was left out of this run".to_owned()));
    }
    if let Some(reason) = failure::stopped(&env, host.name()) {
        return Err(not_attempted(host, reason));
    }
    let cmd = match env.current_mode() {
        Mode::DryRun if cmd.effect == Effect::Changes => {
            env.emit(EventKind::WouldRun {
                host: host.name().to_owned(),
                command: env
                    .secrets()
                    .redactor(host.context().secrets(&cmd))
                    .text(host.context().echo(&cmd)),
            });
            return Ok(Output::from_stdout(Vec::new()));
        }
        Mode::Sandbox => syntax_check(host.context(), &cmd),
        _ => cmd,
    };
    loop {
        let error = match attempts(host, &env, &cmd).await {
            Err(error) => error,
            output => return output,
        };
        if failure::decide(host, &env, &cmd, &error).await? == Next::GiveUp {
            return Err(error);
        }
    }
}

pub(super) fn not_attempted(host: &Host, reason: String) -> Error {
    Error::new(ErrorKind::NotAttempted { host: host.name().to_owned(), reason })
}

/// Runs a command as often as it says itself.
async fn attempts(host: &Host, env: &Env, cmd: &Cmd) -> Result<Output> {
    let mut attempt = 1;
    let (cmd, handed_over) = &watched(cmd);
    loop {
        let result = once(host, env, cmd).await;
        if cmd.effect == Effect::Changes {
            env.facts().altered(host.name());
            // Where nobody answered any more there is nobody to leave a line with either.
            let was_there = result.as_ref().err().is_none_or(|error| match error.kind() {
                ErrorKind::Unreachable { .. } => false,
                ErrorKind::Cancelled { detail, .. } => detail.is_empty(),
                _ => true,
            });
            if was_there && !env.is_around() && env.current_audit() == Audit::On {
                env.changed().note(host);
            }
        }
        let again = attempt < cmd.retry.attempts()
            && !handed_over.load(Ordering::Relaxed)
            && matches!(&result, Err(error) if matches!(error.kind(), ErrorKind::Command { .. } | ErrorKind::TimedOut { .. }));
        if !again {
            return result;
        }
        attempt += 1;
        tokio::select! {
            () = tokio::time::sleep(cmd.retry.pause()) => {}
            () = env.ending().cancelled_owned() => return result,
        }
    }
}

/// The command, with a note of whether it has handed over any of its output: whoever took that cannot give it back, so such
/// a command is not tried again.
fn watched(cmd: &Cmd) -> (Cmd, Arc<AtomicBool>) {
    let handed_over = Arc::new(AtomicBool::new(false));
    let mut cmd = cmd.clone();
    if let Some(take) = cmd.on_stdout.take() {
        let note = handed_over.clone();
        cmd.on_stdout = Some(Arc::new(move |bytes: &[u8]| {
            note.store(true, Ordering::Relaxed);
            take(bytes);
        }));
    }
    (cmd, handed_over)
}

/// A command that lets the host's shell read `cmd` and its surroundings without running any of it.
fn syntax_check(context: &Context, cmd: &Cmd) -> Cmd {
    let shown = match cmd.has_secret() {
        true => format!("sh -n -c {cmd}"),
        false => Cmd::new().lit("sh -n -c ").words(cmd).to_string(),
    };
    // Not in an argument list, which is for everybody to see.
    let source = Stdin::Secret(Secret::new(context.script(cmd).into()));
    let mut check = Cmd::new().lit("sh -n").stdin(source).described_as(shown).read_only();
    check.surroundings = Surroundings::None;
    check
}

#[cfg(test)]
mod tests {
    use super::syntax_check;
    use crate::command::{Cmd, Secret, Stdin};
    use crate::host::Context;

    #[test]
    fn a_syntax_check_runs_nothing_and_puts_nothing_in_an_argument_list() {
        let mut context = Context { cwd: Some("/srv".into()), ..Context::default() };
        context.prefixes.push(Cmd::raw("rm -r all"));
        let secret = Cmd::new().lit("login ").words(&Secret::new("hunter2"));
        let check = syntax_check(&context, &secret);
        assert_eq!(context.script(&check), b"sh -n\n");
        assert_eq!(check.to_string(), "sh -n -c login <secret>");
        let Stdin::Secret(source) = &check.stdin else { panic!("{check:?}") };
        assert_eq!(&**source.expose(), &*context.script(&secret));
        assert_eq!(syntax_check(&context, &Cmd::raw("a b")).to_string(), "sh -n -c 'a b'");
    }
}
