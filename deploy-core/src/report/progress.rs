//! Who is being waited for, from events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::event::EventKind;

/// How long nothing happens before it is said who is waited for; doubled each time on a stream that keeps what it
/// is told.
const SILENCE: Duration = Duration::from_secs(20);

/// How long a run lasts before it gets a progress line.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many hosts a line names.
const NAMED: usize = 5;

/// What is going on.
#[derive(Debug)]
pub(super) struct Progress {
    connecting: BTreeSet<String>,
    connected: usize,
    running: BTreeMap<u64, String>,
    /// Bytes that are on their way: so many of how many.
    moving: BTreeMap<u64, (u64, Option<u64>)>,
    hosts: BTreeSet<String>,
    began: Option<Instant>,
    news: Instant,
    told: u32,
}

impl Progress {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            connecting: BTreeSet::new(),
            connected: 0,
            running: BTreeMap::new(),
            moving: BTreeMap::new(),
            hosts: BTreeSet::new(),
            began: None,
            news: now,
            told: 0,
        }
    }

    /// Takes note of an event.
    pub(super) fn note(&mut self, event: &EventKind, now: Instant) {
        match event {
            EventKind::Connecting { host } => {
                self.connecting.insert(host.clone());
                self.hosts.insert(host.clone());
            }
            EventKind::Connected { host, .. } => {
                self.connecting.remove(host);
                self.connected += 1;
            }
            EventKind::Unreachable { host, .. } => {
                self.connecting.remove(host);
            }
            EventKind::CommandStarted { id, host, .. } => {
                self.running.insert(*id, host.clone());
                self.hosts.insert(host.clone());
            }
            EventKind::CommandFinished { id, .. } => {
                self.running.remove(id);
                self.moving.remove(id);
            }
            EventKind::Progress { id, done, total, .. } => {
                self.moving.insert(*id, (*done, *total));
            }
            EventKind::Line { .. } => {}
            _ => return,
        }
        self.began.get_or_insert(now);
        (self.news, self.told) = (now, 0);
    }

    /// The line for a terminal of so many columns; empty when there is nothing to wait for.
    pub(super) fn line(&self, now: Instant, columns: usize) -> String {
        let Some(began) = self.began else { return String::new() };
        let busy: BTreeSet<&str> = self.running.values().map(String::as_str).collect();
        if (busy.is_empty() && self.connecting.is_empty()) || now - began < PATIENCE {
            return String::new();
        }
        let mut parts = Vec::new();
        if !self.connecting.is_empty() {
            let all = self.connected + self.connecting.len();
            parts.push(format!("connecting {}/{all}", self.connected));
        }
        if !busy.is_empty() {
            parts.push(format!("running {}/{}", busy.len(), self.hosts.len()));
        }
        if !self.moving.is_empty() {
            parts.push(self.moved());
        }
        let silent = now - self.news;
        if silent >= SILENCE {
            parts.push(format!("still waiting for {}", self.awaited()));
        }
        parts.push(format!("{} s", (now - began).as_secs()));
        let line = parts.join(" · ");
        line.chars().take(columns.saturating_sub(1)).collect()
    }

    /// How much has gone its way, of all that are on one.
    fn moved(&self) -> String {
        let mebibytes =
            |bytes: u64| format!("{}.{}", bytes >> 20, (bytes >> 10) % 1024 * 10 / 1024);
        let done: u64 = self.moving.values().map(|(done, _)| done).sum();
        let total: Option<u64> = self.moving.values().map(|(_, total)| *total).sum();
        match total {
            Some(total) => format!("{} of {} MiB", mebibytes(done), mebibytes(total)),
            None => format!("{} MiB", mebibytes(done)),
        }
    }

    /// What to say about a long silence where there is no progress line: after 20 s, 40 s, 80 s, …
    pub(super) fn silence(&mut self, now: Instant) -> Option<String> {
        if self.running.is_empty() && self.connecting.is_empty() {
            return None;
        }
        let silent = now - self.news;
        if silent < SILENCE * 2_u32.pow(self.told.min(16)) {
            return None;
        }
        self.told += 1;
        Some(format!("still waiting for {} ({} s)", self.awaited(), silent.as_secs()))
    }

    fn awaited(&self) -> String {
        let awaited: BTreeSet<&str> =
            self.running.values().chain(&self.connecting).map(String::as_str).collect();
        let named: Vec<&str> = awaited.iter().copied().take(NAMED).collect();
        match awaited.len() - named.len() {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(id: u64, host: &str) -> EventKind {
        let (host, command) = (host.to_owned(), "true".to_owned());
        EventKind::CommandStarted { id, host, command, quiet: false }
    }

    #[test]
    fn bytes_on_their_way_are_added_up() {
        let start = Instant::now();
        let mut progress = Progress::new(start);
        let moving =
            |id, done, total| EventKind::Progress { id, host: "a".to_owned(), done, total };
        for id in 1..=2 {
            progress.note(&started(id, "a"), start);
            progress.note(&moving(id, 3 << 19, Some(10 << 20)), start);
        }
        let later = start + Duration::from_secs(1);
        assert_eq!(progress.line(later, 80), "running 1/1 · 3.0 of 20.0 MiB · 1 s");
        progress.note(&moving(2, 1_000_000, None), later);
        assert_eq!(progress.line(later, 80), "running 1/1 · 2.4 MiB · 1 s");
    }

    #[test]
    fn progress_names_who_is_waited_for() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut progress = Progress::new(start);
        assert_eq!(progress.line(at(9), 80), "");
        progress.note(&EventKind::Connecting { host: "db1".to_owned() }, start);
        for id in 1..=2 {
            progress.note(&started(id, &format!("web{id}")), start);
        }
        assert_eq!(progress.line(start, 80), "");
        assert_eq!(progress.line(at(3), 80), "connecting 0/1 · running 2/3 · 3 s");
        assert_eq!(progress.line(at(3), 11), "connecting");
        assert_eq!(progress.silence(at(19)), None);
        assert_eq!(progress.silence(at(20)).unwrap(), "still waiting for db1, web1, web2 (20 s)");
        assert_eq!(progress.silence(at(21)), None);
        assert!(progress.silence(at(40)).is_some());
        progress.note(
            &EventKind::Unreachable {
                host: "db1".to_owned(),
                reason: crate::Unreachable::Refused,
                detail: String::new(),
            },
            at(41),
        );
        assert_eq!(progress.line(at(43), 80), "running 2/3 · 43 s");
    }
}
