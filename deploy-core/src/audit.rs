//! The audit log: on each host that an action may have changed, a line that says who did what and what came of it.
//!
//! It goes to the host's system log where there is one, else to a file of the user who logs in. It is a record for those who are
//! honest: whoever may log in as that user can write there too. Knows no nodes.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use crate::Result;
use crate::command::Cmd;
use crate::env::Env;
use crate::event::{EventKind, Failure, FailureKind, failure_on};
use crate::hosts::{Host, bounded};

/// How long writing a line may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How many characters of an action's arguments a line holds.
const LONGEST: usize = 400;

/// Writes `$1`.
const WRITE: &str = r#"if [ -S /dev/log ] && command -v logger >/dev/null 2>&1; then logger -t deploy -- "$1" && exit; fi
umask 077
d=${XDG_STATE_HOME:-${HOME:?}/.local/state}/deploy
mkdir -p -- "$d" && printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$d/audit.log""#;

/// Whether actions leave a line on the hosts that they may have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audit {
    /// They leave none.
    #[default]
    Off,
    /// They leave one for each call by name, and so do `--run` and `--connect`; the command line's default.
    On,
}

/// Does the work of a call, and leaves a line on each host that it may have changed, if that is wanted. `what` is the action with its
/// path, `arguments` are its arguments without the values of secrets.
pub(crate) async fn around<T>(
    env: &Env,
    what: &str,
    arguments: &str,
    work: BoxFuture<'_, Result<T>>,
) -> Result<T> {
    if env.current_audit() == Audit::Off {
        return work.await;
    }
    let started = Instant::now();
    let (result, changed) = env.changed().by(work).await;
    let mut failures = result.as_ref().err().map(Failure::of).unwrap_or_default();
    failures.extend(env.left_out());
    let lines = changed.into_iter().filter_map(|host| {
        let failure = failure_on(&failures, host.name());
        // Who is gone cannot be written to.
        if failure.is_some_and(|failure| failure.kind == FailureKind::Unreachable) {
            return None;
        }
        let outcome = failure.map_or("ok", |failure| failure.kind.word());
        let (who, run) = (crate::operator::name(), env.locks().run());
        let took = started.elapsed().as_secs_f64();
        let arguments = short(arguments);
        // Written as literals, so that nothing in them can begin a line or a field of its own.
        let line = format!(
            "who={who:?} run={run} action={what:?} arguments={arguments:?} outcome={outcome} took={took:.1}s"
        );
        Some((host, line))
    });
    write(env, lines.collect()).await;
    result
}

/// So many characters at most, because a system log cuts a long line off, and what came of it stands at the end.
fn short(arguments: &str) -> Cow<'_, str> {
    match arguments.char_indices().nth(LONGEST) {
        None => arguments.into(),
        Some((end, _)) => {
            format!("{}… ({} bytes in all)", &arguments[..end], arguments.len()).into()
        }
    }
}

/// Writes each host its line, also in a run that was cancelled. A host that cannot be written to is named and changes nothing else.
async fn write(env: &Env, lines: Vec<(Host, String)>) {
    let unseen = env.to_the_end().unseen();
    let work = lines.into_iter().map(|(host, line)| {
        let unseen = &unseen;
        async move {
            let host = host.without_context().in_env(unseen);
            let cmd = Cmd::new().lit("sh -c ").words(&Cmd::new().lit(WRITE)).lit(" sh ");
            let cmd = cmd.words(&line).quiet().read_only().timeout(LIMIT);
            if let Err(error) = host.run(cmd.described_as("write the audit log")).await {
                let text = format!("the audit log was not written: {error}");
                env.emit(EventKind::Note { host: Some(host.name().to_owned()), text });
            }
        }
    });
    bounded(env.parallelism(), work.collect::<Vec<_>>()).await;
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, short};

    #[test]
    fn long_arguments_are_cut_between_characters() {
        assert_eq!(short("é x"), "é x");
        let long = "é".repeat(LONGEST + 1);
        assert_eq!(short(&long), format!("{}… ({} bytes in all)", "é".repeat(LONGEST), long.len()));
    }
}
