//! What happens during a run, as data. The runner emits events, reporters read them, and this is
//! all that the two share.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::command::Status;
use crate::error::Unreachable;

/// Takes events as they happen. Called from many tasks; must not block for long.
pub trait Reporter: Send + Sync + 'static {
    /// Something happened.
    fn event(&self, event: &Event);

    /// The run is over; shows what was held back.
    fn finish(&self) {}
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
    /// Something worth saying that belongs to no command.
    Note {
        /// About which host, if one.
        #[serde(skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        /// What.
        text: String,
    },
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
    /// An event of now.
    pub fn new(node: std::sync::Arc<str>, kind: EventKind) -> Self {
        Self { at: SystemTime::now(), node, kind }
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e6)
}

fn unix_seconds<S: serde::Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    seconds(&at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(), serializer)
}
