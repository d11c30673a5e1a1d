//! A whole run, put together from its events, for reports that are made when it is over.
//!
//! Knows what happened and in which action, not how that is shown. What it keeps of output is bounded.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::control::harmless;
use crate::event::{Event, EventKind, Failure, OperationResult, Outcome, Stream, is_at_or_below};

/// So many lines of a command's output are kept from its beginning, and as many from its end.
const KEPT: usize = 100;

/// Beyond so many bytes of output in all, only the last lines of each command are kept.
const BUDGET: usize = 24 << 20;

/// What is kept of each command then.
const KEPT_BEYOND: usize = 5;

/// So many characters are kept of a line.
const LINE: usize = 2000;

/// What happened so far.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// When the first and the last event were.
    pub(super) span: Option<(SystemTime, SystemTime)>,
    pub(super) actions: Vec<Action>,
    pub(super) steps: Vec<Step>,
    /// In the order in which they were first heard of.
    pub(super) hosts: Vec<String>,
    pub(super) notes: Vec<(Option<String>, String)>,
    pub(super) results: Vec<(Option<String>, String)>,
    pub(super) end: Option<(u8, Vec<Failure>)>,
    known: HashMap<String, usize>,
    commands: HashMap<u64, usize>,
    connections: HashMap<String, usize>,
    kept: usize,
}

/// An action of a node.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) node: Arc<str>,
    pub(super) name: String,
    /// The action that it was called from.
    pub(super) parent: Option<usize>,
    pub(super) start: SystemTime,
    pub(super) elapsed: Option<Duration>,
    pub(super) ok: bool,
}

/// Something on a host.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) node: Arc<str>,
    /// The action during which it was.
    pub(super) action: Option<usize>,
    /// Which of the record's hosts.
    pub(super) host: usize,
    pub(super) kind: StepKind,
    pub(super) text: String,
    pub(super) start: SystemTime,
    /// How long it took; nothing while it is not over.
    pub(super) elapsed: Option<Duration>,
    pub(super) came_to: CameTo,
    /// A diff, or why a host was not reached.
    pub(super) detail: String,
    pub(super) output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    Connect,
    Command,
    Operation,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CameTo {
    Running,
    Ended(Outcome),
    Operation(OperationResult),
    WouldRun,
    Connected,
    Unreachable,
}

impl CameTo {
    /// In a few words.
    pub(super) fn words(self) -> String {
        use crate::command::Status;
        match self {
            Self::Running => "not over".to_owned(),
            Self::Ended(Outcome::Ok(_)) => "ok".to_owned(),
            Self::Ended(Outcome::Failed(Status::Code(code))) => format!("failed: status {code}"),
            Self::Ended(Outcome::Failed(Status::Signal(n))) => format!("failed: signal {n}"),
            Self::Ended(Outcome::TimedOut) => "timed out".to_owned(),
            Self::Ended(Outcome::Cancelled) => "cancelled".to_owned(),
            Self::Ended(Outcome::Lost) => "connection lost".to_owned(),
            Self::Operation(OperationResult::Unchanged) => "unchanged".to_owned(),
            Self::Operation(OperationResult::Changed) => "changed".to_owned(),
            Self::Operation(OperationResult::WouldChange) => "would change".to_owned(),
            Self::Operation(OperationResult::Failed) => "failed".to_owned(),
            Self::WouldRun => "would run".to_owned(),
            Self::Connected => "connected".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
        }
    }

    /// Whether it is no success.
    pub(super) fn is_bad(self) -> bool {
        match self {
            Self::Ended(outcome) => !matches!(outcome, Outcome::Ok(_)),
            Self::Operation(result) => result == OperationResult::Failed,
            Self::Unreachable => true,
            Self::Running | Self::WouldRun | Self::Connected => false,
        }
    }
}

/// The first and last lines of a command's output.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) first: Vec<(Stream, String)>,
    /// How many lines are missing between both.
    pub(super) cut: usize,
    pub(super) last: VecDeque<(Stream, String)>,
}

impl Record {
    /// Takes note of an event; `lines` says whether output is wanted.
    pub(super) fn note(&mut self, event: &Event, lines: bool) {
        let at = event.at;
        self.span = Some(match self.span {
            None => (at, at),
            Some((first, last)) => (first.min(at), last.max(at)),
        });
        match &event.kind {
            EventKind::ActionStarted { action } => {
                let parent = self.action_of(&event.node);
                let (node, name) = (event.node.clone(), action.clone());
                self.actions.push(Action {
                    node,
                    name,
                    parent,
                    start: at,
                    elapsed: None,
                    ok: true,
                });
            }
            EventKind::ActionFinished { action, ok, elapsed } => {
                let open =
                    self.actions.iter_mut().rev().find(|it| {
                        it.elapsed.is_none() && it.node == event.node && it.name == *action
                    });
                if let Some(open) = open {
                    (open.ok, open.elapsed) = (*ok, Some(*elapsed));
                }
            }
            EventKind::Connecting { host } => {
                let index = self.begin(event, host, StepKind::Connect, "connect");
                self.connections.insert(host.clone(), index);
            }
            EventKind::Connected { host, reused } => {
                let text = if *reused { "connect (kept from an earlier run)" } else { "connect" };
                self.connection(event, host, CameTo::Connected).text = text.to_owned();
            }
            EventKind::Unreachable { host, reason, detail } => {
                let step = self.connection(event, host, CameTo::Unreachable);
                step.detail = format!("{}\n{detail}", reason.what());
            }
            EventKind::CommandStarted { id, host, command, .. } => {
                let index = self.begin(event, host, StepKind::Command, command);
                self.commands.insert(*id, index);
            }
            EventKind::Line { id, stream, text, .. } if lines => self.line(*id, *stream, text),
            EventKind::CommandFinished { id, host, command, outcome, elapsed } => {
                let index = match self.commands.remove(id) {
                    Some(index) => index,
                    None => self.begin(event, host, StepKind::Command, command),
                };
                let step = &mut self.steps[index];
                (step.elapsed, step.came_to) = (Some(*elapsed), CameTo::Ended(*outcome));
            }
            EventKind::WouldRun { host, command } => {
                let index = self.begin(event, host, StepKind::Command, command);
                let step = &mut self.steps[index];
                (step.elapsed, step.came_to) = (Some(Duration::ZERO), CameTo::WouldRun);
            }
            EventKind::Operation { host, description, result, diff } => {
                let index = self.begin(event, host, StepKind::Operation, description);
                let step = &mut self.steps[index];
                (step.elapsed, step.came_to) = (Some(Duration::ZERO), CameTo::Operation(*result));
                if lines {
                    step.detail.clone_from(diff);
                }
            }
            EventKind::Note { host, text } => self.notes.push((host.clone(), text.clone())),
            EventKind::Result { text, .. } if lines => self.results.extend(text.iter().cloned()),
            EventKind::Finished { exit_code, failures } => {
                for host in failures.iter().filter_map(|failure| failure.host.as_deref()) {
                    self.host(host);
                }
                self.end = Some((*exit_code, failures.clone()));
            }
            EventKind::LockWaiting { host, text, .. } => {
                self.notes.push((Some(host.clone()), format!("waited for {text}")));
            }
            EventKind::Line { .. }
            | EventKind::Progress { .. }
            | EventKind::Result { .. }
            | EventKind::Locked { .. }
            | EventKind::Unlocked { .. } => {}
        }
    }

    fn host(&mut self, name: &str) -> usize {
        if let Some(index) = self.known.get(name) {
            return *index;
        }
        self.hosts.push(name.to_owned());
        self.known.insert(name.to_owned(), self.hosts.len() - 1);
        self.hosts.len() - 1
    }

    fn begin(&mut self, event: &Event, host: &str, kind: StepKind, text: &str) -> usize {
        let step = Step {
            node: event.node.clone(),
            action: self.action_of(&event.node),
            host: self.host(host),
            kind,
            text: text.to_owned(),
            start: event.at,
            elapsed: None,
            came_to: CameTo::Running,
            detail: String::new(),
            output: Output::default(),
        };
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// The connection that is being made to `host`, or one that was lost later.
    fn connection(&mut self, event: &Event, host: &str, came_to: CameTo) -> &mut Step {
        let index = match self.connections.remove(host) {
            Some(index) => index,
            None => self.begin(event, host, StepKind::Connect, "connection"),
        };
        let step = &mut self.steps[index];
        step.elapsed = Some(event.at.duration_since(step.start).unwrap_or_default());
        step.came_to = came_to;
        step
    }

    fn line(&mut self, id: u64, stream: Stream, text: &str) {
        let Some(step) = self.commands.get(&id).map(|index| &mut self.steps[*index]) else {
            return;
        };
        let mut text = harmless(text, false).into_owned();
        if let Some((at, _)) = text.char_indices().nth(LINE) {
            text.truncate(at);
            text.push('…');
        }
        self.kept += text.len();
        let output = &mut step.output;
        let beyond = self.kept > BUDGET;
        if output.first.len() < KEPT && output.last.is_empty() && !beyond {
            output.first.push((stream, text));
            return;
        }
        output.last.push_back((stream, text));
        let limit = if beyond { KEPT_BEYOND } else { KEPT };
        while output.last.len() > limit {
            let dropped = output.last.pop_front().map_or(0, |(_, text)| text.len());
            self.kept -= dropped;
            output.cut += 1;
        }
    }

    /// The action that is going on at a node: the nearest above it, else the one that was begun last.
    fn action_of(&self, node: &str) -> Option<usize> {
        let open = || self.actions.iter().enumerate().filter(|(_, it)| it.elapsed.is_none());
        open()
            .filter(|(_, action)| is_at_or_below(node, &action.node))
            .max_by_key(|(index, action)| (action.node.len(), *index))
            .or_else(|| open().next_back())
            .map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(record: &mut Record, node: &str, kind: EventKind) {
        record.note(&Event::new(node.into(), kind), true);
    }

    fn started(id: u64) -> EventKind {
        let (host, command) = ("web1".to_owned(), "seq".to_owned());
        EventKind::CommandStarted { id, host, command, quiet: false }
    }

    #[test]
    fn long_output_keeps_its_first_and_last_lines() {
        let mut record = Record::default();
        note(&mut record, "", started(1));
        for n in 0..1000 {
            let text = n.to_string();
            let (host, stream) = ("web1".to_owned(), Stream::Stdout);
            note(&mut record, "", EventKind::Line { id: 1, host, stream, text });
        }
        let output = &record.steps[0].output;
        assert_eq!(
            (output.first.len(), output.cut, output.last.len()),
            (KEPT, 1000 - 2 * KEPT, KEPT)
        );
        assert_eq!((output.first[0].1.as_str(), output.last[KEPT - 1].1.as_str()), ("0", "999"));
    }

    #[test]
    fn steps_belong_to_the_nearest_action_above() {
        let mut record = Record::default();
        note(&mut record, "prod", EventKind::ActionStarted { action: "deploy".to_owned() });
        note(&mut record, "prod db", EventKind::ActionStarted { action: "start".to_owned() });
        note(&mut record, "prod db:db1", started(1));
        note(&mut record, "prod dbx", started(2));
        let (action, ok) = ("start".to_owned(), true);
        let elapsed = Duration::ZERO;
        note(&mut record, "prod db", EventKind::ActionFinished { action, ok, elapsed });
        note(&mut record, "prod db", started(3));
        let of: Vec<_> = record.steps.iter().map(|step| step.action).collect();
        assert_eq!(of, [Some(1), Some(0), Some(0)]);
        assert_eq!(record.actions[1].parent, Some(0));
    }
}
