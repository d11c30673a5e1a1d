//! A run as spans and events of the [`tracing`] crate: *run*, in it *actions*, in them *commands*.
//!
//! A reporter like any other, a crate of its own so that only who wants it builds it. Uses only deploy-core's public
//! interface. As in every event, secrets are hidden.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deploy_core::Status;
use deploy_core::event::{Event, EventKind, FailureKind, OperationResult, Outcome, Reporter};
use tracing::{Span, debug, debug_span, error, field, info, info_span, warn};

/// Turns what is reported into spans and events, for whatever subscriber the program has. Their target is `deploy_tracing`.
///
/// | | level | fields |
/// |---|---|---|
/// | span `run` | info | `exit_code` |
/// | span `action` | info | `node`, `action`, `ok` |
/// | span `command` | info; debug if it only reads or an operation speaks for it | `node`, `host`, `id`, `command`, `outcome`, `status` |
/// | a line of output | debug | `host`, `stream` |
/// | an operation | info | `node`, `host`, `result` |
/// | a host that is not reached | warn | `host`, `reason` |
/// | a failure of the run | error | `host`, `action`, `kind` |
///
/// Spans are open for as long as what they stand for goes on; they are never entered. The span `run` is a child of the one in which
/// [`Tracing::new`] was called.
///
/// ```
/// use deploy_core::prelude::*;
/// use deploy_tracing::Tracing;
///
/// let env = Env::quiet().reporter(Tracing::new());
/// ```
#[derive(Debug)]
pub struct Tracing {
    above: Span,
    state: Mutex<State>,
}

/// What is going on.
#[derive(Debug, Default)]
struct State {
    run: Option<Span>,
    actions: Vec<Action>,
    commands: HashMap<u64, Span>,
}

#[derive(Debug)]
struct Action {
    node: Arc<str>,
    name: String,
    span: Span,
}

impl Tracing {
    /// A reporter for one run.
    #[must_use]
    pub fn new() -> Self {
        Self { above: Span::current(), state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Tracing {
    fn default() -> Self {
        Self::new()
    }
}

impl Reporter for Tracing {
    fn event(&self, event: &Event) {
        let mut state = self.lock();
        if state.run.is_none() {
            state.run = Some(info_span!(parent: &self.above, "run", exit_code = field::Empty));
        }
        state.note(event);
    }

    fn finish(&self) {
        *self.lock() = State::default();
    }
}

impl State {
    fn note(&mut self, event: &Event) {
        let node = &*event.node;
        let parent = self.around(event);
        match &event.kind {
            EventKind::ActionStarted { action } => {
                let span = info_span!(parent: &parent, "action", node, action, ok = field::Empty);
                self.actions.push(Action { node: event.node.clone(), name: action.clone(), span });
            }
            EventKind::ActionFinished { action, ok, .. } => {
                let this = |known: &Action| known.name == *action && known.node == event.node;
                if let Some(index) = self.actions.iter().rposition(this) {
                    self.actions.remove(index).span.record("ok", ok);
                }
            }
            EventKind::Connecting { host } => debug!(parent: &parent, host, "connecting"),
            EventKind::Connected { host, reused } => {
                debug!(parent: &parent, host, reused, "connected");
            }
            EventKind::Unreachable { host, reason, detail } => {
                warn!(parent: &parent, host, reason = reason.what(), "unreachable: {detail}");
            }
            EventKind::CommandStarted { id, host, command, quiet } => {
                let (outcome, status) = (field::Empty, field::Empty);
                let span = match quiet {
                    true => {
                        debug_span!(parent: &parent, "command", node, host, id, command, outcome, status)
                    }
                    false => {
                        info_span!(parent: &parent, "command", node, host, id, command, outcome, status)
                    }
                };
                self.commands.insert(*id, span);
            }
            EventKind::Line { id, host, stream, text } => {
                let span = self.commands.get(id).unwrap_or(&parent);
                debug!(parent: span, host, stream = ?stream, "{text}");
            }
            EventKind::CommandFinished { id, outcome, .. } => {
                if let Some(span) = self.commands.remove(id) {
                    ended(&span, *outcome);
                }
            }
            EventKind::WouldRun { host, command } => {
                info!(parent: &parent, node, host, "would run {command}");
            }
            EventKind::Operation { host, description, result, diff } => match result {
                OperationResult::Failed => {
                    warn!(parent: &parent, node, host, result = ?result, "{description}");
                }
                _ => info!(parent: &parent, node, host, result = ?result, diff, "{description}"),
            },
            EventKind::Note { host, text } => info!(parent: &parent, node, host, "{text}"),
            EventKind::Result { value, .. } => info!(parent: &parent, node, "result: {value}"),
            EventKind::Finished { exit_code, failures } => {
                for failure in failures {
                    let (host, action) = (failure.host.as_deref(), failure.action.as_deref());
                    let (kind, message) = (kind(failure.kind), &failure.message);
                    error!(parent: &parent, host, action, kind, "{message}");
                }
                if let Some(run) = &self.run {
                    run.record("exit_code", exit_code);
                }
            }
            // What deploy-core may add is nothing that spans are made of.
            other => debug!(parent: &parent, node, "{other:?}"),
        }
    }

    /// The span that an event belongs to: of the nearest action above its node, else of the run.
    fn around(&self, event: &Event) -> Span {
        let above = self.actions.iter().filter(|action| event.is_at_or_below(&action.node));
        let nearest = above.max_by_key(|action| action.node.len());
        let span = nearest.or(self.actions.last()).map(|action| &action.span);
        span.or(self.run.as_ref()).cloned().unwrap_or_else(Span::none)
    }
}

fn ended(span: &Span, outcome: Outcome) {
    let (word, status) = match outcome {
        Outcome::Ok(status) => ("ok", Some(status)),
        Outcome::Failed(status) => ("failed", Some(status)),
        Outcome::TimedOut => ("timed out", None),
        Outcome::Cancelled => ("cancelled", None),
        Outcome::Lost => ("lost", None),
        _ => ("other", None),
    };
    span.record("outcome", word);
    match status {
        Some(Status::Code(code)) => drop(span.record("status", u64::from(code))),
        Some(other) => drop(span.record("status", field::display(other))),
        None => {}
    }
}

fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Failed => "failed",
        FailureKind::Unreachable => "unreachable",
        FailureKind::TimedOut => "timed out",
        FailureKind::Cancelled => "cancelled",
        FailureKind::NotAttempted => "not attempted",
        FailureKind::Usage => "usage",
        _ => "other",
    }
}
