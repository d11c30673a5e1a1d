//! What became of each host, counted from events.

use std::collections::BTreeSet;

use super::palette::{BAD, CHANGED, GOOD, Palette};
use crate::event::{EventKind, Failure, FailureKind, OperationResult, Outcome};
use crate::host::fold;

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

    /// A line for each host that is not well, or for several as a pattern of names where they are `folded`; then a line for
    /// all. Empty when no host had to do with the run.
    pub(super) fn text(&self, palette: Palette, folded: bool) -> String {
        let count = self.hosts.len();
        if count == 0 {
            return String::new();
        }
        let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
        let mut kinds = BTreeSet::new();
        for tally in &self.hosts {
            let Some(kind) = self.state(tally) else { continue };
            kinds.insert(kind);
            let changes = match tally.changed {
                0 => String::new(),
                n => format!(" after {n} {}", plural(n, "change", "changes")),
            };
            let state = format!("{}{changes}", palette.paint(BAD, words(kind)));
            match rows.iter_mut().find(|(known, _)| folded && *known == state) {
                Some((_, hosts)) => hosts.push(&tally.name),
                None => rows.push((state, vec![&tally.name])),
            }
        }
        let mut text = String::new();
        if count > 1 {
            let rows: Vec<_> =
                rows.into_iter().map(|(state, hosts)| (fold(hosts), state)).collect();
            let names = rows.iter().map(|(name, _)| name);
            let width = match folded {
                true => names.map(|name| name.chars().count()).max().unwrap_or(0),
                false => self.hosts.iter().map(|it| it.name.chars().count()).max().unwrap_or(0),
            };
            for (name, state) in rows {
                let name = palette.host(&name, format!("{name:width$}"));
                text.push_str(&format!("{name}  {state}\n"));
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
