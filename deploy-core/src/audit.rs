//! The audit log: on each host that an action may have changed, a line that says who did what and what came of it.
//!
//! It goes to the host's system log where there is one, else to a file of the user who logs in. It is a record for those who are
//! honest: whoever may log in as that user can write there too. Knows no nodes.

use std::time::Duration;

use crate::command::Cmd;
use crate::env::Env;
use crate::event::EventKind;
use crate::hosts::{Host, bounded};

/// How long writing a line may take.
const LIMIT: Duration = Duration::from_secs(5);

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
    /// They leave one for each call by name; the command line's default.
    On,
}

/// Writes each host its line, also in a run that was cancelled. A host that cannot be written to is named and changes nothing else.
pub(crate) async fn write(env: &Env, lines: Vec<(Host, String)>) {
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
