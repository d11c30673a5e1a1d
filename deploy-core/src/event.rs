//! What happens during a run, as data. The runner emits events, reporters read them, and this is
//! all that the two share.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::command::Status;
use crate::error::{ExitCode, Unreachable};
use crate::lock::Holder;

/// Takes events as they happen. Called from many tasks; must not block for long.
pub trait Reporter: Send + Sync + 'static {
    /// Something happened.
    fn event(&self, event: &Event);

    /// The run is over; shows what was held back.
    fn finish(&self) {}

    /// A question is being asked, so nothing may be shown until it is answered; or it has been.
    fn pause(&self, paused: bool) {
        let _ = paused;
    }
}

/// A reporter that shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn event(&self, _: &Event) {}
}

/// Something that happened, when, and during which action.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When.
    #[serde(serialize_with = "unix_seconds")]
    pub at: SystemTime,
    /// The node's path as on the command line, empty outside a tree.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub node: std::sync::Arc<str>,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// An action of a node begins.
    ActionStarted {
        /// Its name.
        action: String,
    },
    /// It is over.
    ActionFinished {
        /// Its name.
        action: String,
        /// Whether it returned without error.
        ok: bool,
        /// How long it took.
        #[serde(serialize_with = "seconds")]
        elapsed: Duration,
    },
    /// A connection is being made.
    Connecting {
        /// To which host.
        host: String,
    },
    /// It is there.
    Connected {
        /// To which host.
        host: String,
        /// Whether it was still there from an earlier run.
        reused: bool,
    },
    /// A host was not reached, or was lost.
    Unreachable {
        /// Which.
        host: String,
        /// Why.
        reason: Unreachable,
        /// What ssh or the system said.
        detail: String,
    },
    /// A command begins.
    CommandStarted {
        /// Tells commands of one run apart.
        id: u64,
        /// On which host.
        host: String,
        /// As echoed, with its context and with secrets hidden.
        command: String,
        /// Whether it and its output are for the log alone.
        quiet: bool,
    },
    /// A whole line of its output, without the newline.
    Line {
        /// Of which command.
        id: u64,
        /// On which host.
        host: String,
        /// On which stream.
        stream: Stream,
        /// The line; bytes that are not UTF-8 are replaced.
        text: String,
    },
    /// A long file, or much else, is on its way to a command or from it. Not told more than twice a second.
    Progress {
        /// Of which command.
        id: u64,
        /// On which host.
        host: String,
        /// How many bytes have gone so far.
        done: u64,
        /// How many it will be, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
    /// A command is over.
    CommandFinished {
        /// Which.
        id: u64,
        /// On which host.
        host: String,
        /// As echoed.
        command: String,
        /// How.
        outcome: Outcome,
        /// How long it took.
        #[serde(serialize_with = "seconds")]
        elapsed: Duration,
    },
    /// In a dry run: a command that would have run.
    WouldRun {
        /// On which host.
        host: String,
        /// As echoed.
        command: String,
    },
    /// An operation found what it wants, changed it, or would change it.
    Operation {
        /// On which host.
        host: String,
        /// What the operation wants, such as `file /etc/motd`.
        description: String,
        /// What it came to.
        result: OperationResult,
        /// Unified diff or list of what changes; empty when nothing does.
        diff: String,
    },
    /// Another deployment has locked hosts that this one needs, and is waited for.
    LockWaiting {
        /// The first of these hosts.
        host: String,
        /// Who holds it, unless that is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        holder: Option<Holder>,
        /// The same for people.
        #[serde(skip)]
        text: String,
    },
    /// Hosts were locked against other deployments.
    Locked {
        /// Which.
        hosts: Vec<String>,
    },
    /// They are free again.
    Unlocked {
        /// Which.
        hosts: Vec<String>,
    },
    /// Something worth saying that belongs to no command.
    Note {
        /// About which host, if one.
        #[serde(skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        /// What.
        text: String,
    },
    /// What the action that was asked for returned.
    Result {
        /// As data.
        value: serde_json::Value,
        /// For people: text, and of which host it is if it is one host's own.
        #[serde(skip)]
        text: Vec<(Option<String>, String)>,
    },
    /// The run is over.
    Finished {
        /// The exit code of the program.
        exit_code: u8,
        /// What failed, each once; empty when all went well.
        failures: Vec<Failure>,
    },
}

/// One failure of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// On which host, if on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The action, such as `production database start`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What kind of failure.
    pub kind: FailureKind,
    /// What to tell people, over one or more lines.
    pub message: String,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// A command, an operation or an action failed.
    Failed,
    /// The host was not reached or was lost.
    Unreachable,
    /// A command was ended after its time limit.
    TimedOut,
    /// It was ended: the run was interrupted, or others failed in a rollout that was told to stop then.
    Cancelled,
    /// It was not started because something before it failed.
    NotAttempted,
    /// The user asked for something that cannot be.
    Usage,
}

impl FailureKind {
    /// The exit code of a program in which nothing worse happened.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Failed | Self::TimedOut | Self::NotAttempted => ExitCode::Failed,
            Self::Unreachable => ExitCode::Unreachable,
            Self::Cancelled => ExitCode::Interrupted,
            Self::Usage => ExitCode::Usage,
        }
    }
}

impl Failure {
    /// Every single failure in an error.
    pub fn of(error: &crate::Error) -> Vec<Self> {
        use crate::ErrorKind;
        error
            .failures()
            .map(|failure| Self {
                host: failure.host_name().map(str::to_owned),
                action: failure.action().or_else(|| error.action()).map(str::to_owned),
                kind: match failure.kind() {
                    ErrorKind::Usage { .. } => FailureKind::Usage,
                    ErrorKind::Unreachable { .. } => FailureKind::Unreachable,
                    ErrorKind::TimedOut { .. } => FailureKind::TimedOut,
                    ErrorKind::Cancelled { .. } | ErrorKind::Ended { .. } => FailureKind::Cancelled,
                    ErrorKind::NotAttempted { .. } => FailureKind::NotAttempted,
                    _ => FailureKind::Failed,
                },
                message: failure.to_string(),
            })
            .collect()
    }
}

/// What a run came to on a host: its own failure, else one that is of no host and so of all.
pub(crate) fn failure_on<'a>(failures: &'a [Failure], host: &str) -> Option<&'a Failure> {
    let own = failures.iter().find(|failure| failure.host.as_deref() == Some(host));
    own.or_else(|| failures.iter().find(|failure| failure.host.is_none()))
}

impl FailureKind {
    /// As it is in events.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::NotAttempted => "not_attempted",
            Self::Usage => "usage",
        }
    }
}

/// A stream of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// With a status that counts as success.
    Ok(Status),
    /// With another status.
    Failed(Status),
    /// It was ended after its time limit.
    TimedOut,
    /// It was ended because the run was cancelled.
    Cancelled,
    /// The connection broke.
    Lost,
}

/// What an operation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OperationResult {
    /// Everything was as wanted.
    Unchanged,
    /// It was changed.
    Changed,
    /// In a dry run: it would be changed.
    WouldChange,
    /// It failed; the error says how.
    Failed,
}

impl Event {
    /// Whether it happened at the node of this path or below it; everything is below the root, whose path is empty.
    #[must_use]
    pub fn is_at_or_below(&self, node: &str) -> bool {
        is_at_or_below(&self.node, node)
    }

    /// An event of now.
    pub fn new(node: std::sync::Arc<str>, kind: EventKind) -> Self {
        Self { at: SystemTime::now(), node, kind }
    }
}

/// Whether the path of `node` leads through `above`.
pub(crate) fn is_at_or_below(node: &str, above: &str) -> bool {
    node.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || above.is_empty() || rest.starts_with([' ', ':']))
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e6)
}

fn unix_seconds<S: serde::Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    seconds(&at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(), serializer)
}
