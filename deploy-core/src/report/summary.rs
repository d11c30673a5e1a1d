//! What became of each host, counted from events.

use std::collections::BTreeSet;

use super::palette::{BAD, CHANGED, GOOD, Palette};
use crate::event::{EventKind, Failure, FailureKind, OperationResult, Outcome};

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// Every host in the order in which it was first heard of.
    hosts: Vec<Tally>,
    operations: usize,
    /// What the run itself says has failed; commands alone do not tell, a failure may have been handled.
    failures: Option<Vec<Failure>>,
}

#[derive(Debug, Default)]
struct Tally {
    name: String,
    changed: usize,
    would_change: usize,
    last: Option<FailureKind>,
}

impl Summary {
    /// Takes note of an event.
    pub(super) fn note(&mut self, event: &EventKind) {
        match event {
            EventKind::Connecting { host } | EventKind::CommandStarted { host, .. } => {
                self.host(host);
            }
            EventKind::Unreachable { host, .. } => {
                self.host(host).last = Some(FailureKind::Unreachable);
            }
            EventKind::CommandFinished { host, outcome, .. } => {
                self.host(host).last = match outcome {
                    Outcome::Ok(_) => None,
                    Outcome::Failed(_) => Some(FailureKind::Failed),
                    Outcome::TimedOut => Some(FailureKind::TimedOut),
                    Outcome::Cancelled => Some(FailureKind::Cancelled),
                    Outcome::Lost => Some(FailureKind::Unreachable),
                };
            }
            EventKind::WouldRun { host, .. } => {
                self.host(host).would_change += 1;
            }
            EventKind::Operation { host, result, .. } => {
                self.operations += 1;
                let tally = self.host(host);
                match result {
                    OperationResult::Changed => tally.changed += 1,
                    OperationResult::WouldChange => tally.would_change += 1,
                    OperationResult::Unchanged | OperationResult::Failed => {}
                }
            }
            EventKind::Finished { failures, .. } => {
                for failure in failures {
                    if let Some(host) = &failure.host {
                        self.host(host);
                    }
                }
                self.failures = Some(failures.clone());
            }
            _ => {}
        }
    }

    fn host(&mut self, name: &str) -> &mut Tally {
        let index = self.hosts.iter().position(|tally| tally.name == name).unwrap_or_else(|| {
            self.hosts.push(Tally { name: name.to_owned(), ..Tally::default() });
            self.hosts.len() - 1
        });
        &mut self.hosts[index]
    }

    fn state(&self, tally: &Tally) -> Option<FailureKind> {
        match &self.failures {
            Some(failures) => failures
                .iter()
                .filter(|failure| failure.host.as_deref() == Some(&tally.name))
                .map(|failure| failure.kind)
                .min(),
            None => tally.last,
        }
    }

    /// A line for each host that is not well, then a line for all. Empty when no host had to do with the run.
    pub(super) fn text(&self, palette: Palette) -> String {
        let count = self.hosts.len();
        if count == 0 {
            return String::new();
        }
        let width = self.hosts.iter().map(|tally| tally.name.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        let mut kinds = BTreeSet::new();
        for tally in &self.hosts {
            let Some(kind) = self.state(tally) else { continue };
            kinds.insert(kind);
            if count > 1 {
                let name = palette.host(&tally.name, format!("{:width$}", tally.name));
                let changes = match tally.changed {
                    0 => String::new(),
                    n => format!(" after {n} {}", plural(n, "change", "changes")),
                };
                text.push_str(&format!("{name}  {}{changes}\n", palette.paint(BAD, words(kind))));
            }
        }
        let well = self.hosts.iter().filter(|tally| self.state(tally).is_none()).count();
        let mut counts = vec![match well {
            0 => "0 ok".to_owned(),
            n => palette.paint(GOOD, format!("{n} ok")),
        }];
        for kind in &kinds {
            let n = self.hosts.iter().filter(|tally| self.state(tally) == Some(*kind)).count();
            counts.push(palette.paint(BAD, format!("{n} {}", words(*kind))));
        }
        if let Some(changes) = self.changes(palette, kinds.is_empty()) {
            counts.push(changes);
        }
        text.push_str(&format!(
            "{count} {}: {}\n",
            plural(count, "host", "hosts"),
            counts.join(", ")
        ));
        text
    }

    /// How many hosts changed or would; nothing where no operation ran.
    fn changes(&self, palette: Palette, well: bool) -> Option<String> {
        let changed = self.hosts.iter().filter(|tally| tally.changed > 0).count();
        let would = self.hosts.iter().filter(|tally| tally.would_change > 0).count();
        if would > 0 {
            return Some(palette.paint(CHANGED, format!("{would} would change")));
        }
        match (changed, self.operations) {
            (0, 0) => None,
            (0, _) if well => Some("0 changed — nothing changed".to_owned()),
            (0, _) => Some("0 changed".to_owned()),
            (n, _) => Some(palette.paint(CHANGED, format!("{n} changed"))),
        }
    }
}

fn words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Failed | FailureKind::Usage => "failed",
        FailureKind::Unreachable => "unreachable",
        FailureKind::TimedOut => "timed out",
        FailureKind::Cancelled => "cancelled",
        FailureKind::NotAttempted => "not attempted",
    }
}

fn plural<'a>(n: usize, one: &'a str, many: &'a str) -> &'a str {
    if n == 1 { one } else { many }
}
