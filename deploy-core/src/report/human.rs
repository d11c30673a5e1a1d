//! What people read: output lines with their host in front, changes, failures and a summary.
//!
//! Hosts' standard output and results go to our standard output, everything else to standard error.

mod gather;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anstream::AutoStream;
use anstyle::Style;
use tokio_util::sync::CancellationToken;

use super::control::harmless;
use super::palette::{BAD, CHANGED, DIM, GOOD, Palette};
use super::progress::Progress;
use super::screen::{Screen, Tick, To, keep_ticking};
use super::summary::Summary;
use super::unwritable::Unwritable;
use super::{Coloring, diagnostic};
use crate::event::{Event, EventKind, OperationResult, Reporter, Stream};
use gather::Gather;

/// A host's name takes no more columns than this in front of a line, however long others are.
const WIDEST: usize = 32;

/// So many lines are shown of a change that would be made, unless all are asked for.
const SHOWN_OF_DIFF: usize = 100;

/// Reports for people.
pub struct Human {
    shared: Arc<Mutex<State>>,
}

struct State {
    screen: Screen,
    palettes: [Palette; 2],
    prefix: bool,
    verbose: u8,
    diff: bool,
    /// The commands that run and were shown.
    echoed: HashSet<u64>,
    /// Where hosts are told together.
    gather: Option<Gather>,
    /// Columns of the widest host's name so far.
    width: usize,
    /// What stands in front of a host's lines, for each stream.
    prefixes: [HashMap<String, String>; 2],
    progress: Progress,
    summary: Summary,
    ticking: bool,
    live: bool,
}

impl Human {
    /// Reports to standard output and standard error of this process.
    #[must_use]
    pub fn stdio(color: Coloring) -> Self {
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let terminals = [out.is_terminal(), err.is_terminal()];
        let colored = [color.applies(&out), color.applies(&err)];
        let human = Self::to(Box::new(out), Box::new(err), terminals, colored);
        human.lock().live = true;
        human
    }

    /// Reports to these writers, which are no terminals, without colours.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self::to(Box::new(out), Box::new(err), [false; 2], [false; 2])
    }

    pub(super) fn to(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        terminals: [bool; 2],
        colored: [bool; 2],
    ) -> Self {
        let state = State {
            screen: Screen::new(out, err, terminals),
            palettes: colored.map(|colored| Palette { colored }),
            prefix: true,
            verbose: 0,
            diff: false,
            echoed: HashSet::new(),
            gather: None,
            width: 0,
            prefixes: Default::default(),
            progress: Progress::new(Instant::now()),
            summary: Summary::default(),
            ticking: false,
            live: false,
        };
        Self { shared: Arc::new(Mutex::new(state)) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.lock());
        self
    }

    /// Puts the host in front of each line of its output, or does not.
    #[must_use]
    pub fn prefix(self, prefix: bool) -> Self {
        self.with(|state| state.prefix = prefix)
    }

    /// 1 shows commands, how long they took, and what is as it should be, 2 shows what is read as well.
    #[must_use]
    pub fn verbose(self, level: u8) -> Self {
        self.with(|state| state.verbose = level)
    }

    /// Shows the differences of changes, however long. The beginning of those of a dry run is always shown.
    #[must_use]
    pub fn diff(self, diff: bool) -> Self {
        self.with(|state| state.diff = diff)
    }

    /// Tells hosts that did and printed the same together, under a pattern of their names, when the run is over. With
    /// [`diff`](Self::diff), what is not as on most hosts is shown as the difference.
    #[must_use]
    pub fn gather(self, gather: bool) -> Self {
        self.with(|state| state.gather = gather.then(Gather::default))
    }

    /// Says why when standard output cannot be written, instead of writing that to standard error.
    pub(crate) fn on_unwritable(self, unwritable: Unwritable) -> Self {
        self.with(|state| state.screen.on_unwritable(unwritable))
    }

    /// Fires `token` when nobody reads standard output any more.
    #[must_use]
    pub fn on_closed(self, token: CancellationToken) -> Self {
        self.with(|state| state.screen.on_closed(token))
    }
}

impl Reporter for Human {
    fn event(&self, event: &Event) {
        let now = Instant::now();
        let mut state = self.lock();
        state.progress.note(&event.kind, now);
        state.summary.note(&event.kind);
        state.take(event, now);
        if state.live && !state.ticking {
            state.ticking = true;
            keep_ticking(Arc::downgrade(&self.shared));
        }
    }

    fn finish(&self) {
        let mut state = self.lock();
        state.screen.set_progress(String::new());
        let rest = state.gather.as_mut().map(Gather::drain);
        state.show_gathered(rest.unwrap_or_default(), Instant::now());
        let summary = std::mem::take(&mut state.summary);
        let text = summary.text(state.palettes[To::Err as usize], state.gather.is_some());
        if !text.is_empty() {
            state.screen.write(To::Err, &text);
        }
        state.screen.flush();
        state.progress = Progress::new(Instant::now());
    }

    fn pause(&self, paused: bool) {
        self.lock().screen.pause(paused);
    }
}

impl Tick for State {
    fn tick(&mut self) {
        let now = Instant::now();
        if self.screen.is_terminal(To::Err) {
            let line = self.progress.line(now, columns());
            self.screen.set_progress(line);
        } else if let Some(text) = self.progress.silence(now) {
            self.screen.write(To::Err, &format!("{text}\n"));
        }
        self.screen.flush();
    }
}

impl State {
    /// Shows an event, or keeps it until others of its kind are there.
    fn take(&mut self, event: &Event, now: Instant) {
        let Some(gather) = &mut self.gather else { return self.show(&event.kind, now) };
        gather.diff = self.diff;
        let due = gather.take(event, self.verbose);
        self.show_gathered(due, now);
    }

    fn show(&mut self, event: &EventKind, now: Instant) {
        match event {
            EventKind::Connecting { host } => self.widen(host),
            EventKind::CommandStarted { id, host, command, quiet } => {
                self.widen(host);
                if self.verbose > u8::from(*quiet) {
                    self.echoed.insert(*id);
                    self.about(host, "$", DIM, command);
                }
            }
            EventKind::CommandFinished { id, host, command, elapsed, .. }
                if self.echoed.remove(id) =>
            {
                let took = format!("{:.3} s: {command}", elapsed.as_secs_f64());
                self.about(host, "took", DIM, &took);
            }
            EventKind::Line { host, stream, text, .. } => self.output(host, *stream, text, now),
            EventKind::WouldRun { host, command } => {
                self.about(host, "would run", CHANGED, command);
            }
            EventKind::Operation { host, description, result, diff } => {
                self.operation(host, description, *result, diff);
            }
            EventKind::Note { host, text } => match host {
                Some(host) => self.about(host, "note", DIM, text),
                None => {
                    let text = self.clean(To::Err, text);
                    self.screen.write(To::Err, &format!("{text}\n"));
                }
            },
            EventKind::LockWaiting { host, text, .. } => {
                self.about(host, "waits", CHANGED, &format!("for {text}"));
            }
            EventKind::Locked { hosts } if self.verbose > 0 => self.locked("locked", hosts),
            EventKind::Unlocked { hosts } if self.verbose > 0 => self.locked("unlocked", hosts),
            EventKind::Result { text, .. } => self.result(text),
            EventKind::Finished { failures, .. } => {
                let palette = self.palettes[To::Err as usize];
                for failure in failures {
                    self.screen.write(To::Err, &diagnostic(failure, palette));
                }
            }
            _ => {}
        }
    }

    fn locked(&mut self, what: &str, hosts: &[String]) {
        self.screen.write(To::Err, &format!("{what} {}\n", hosts.join(", ")));
    }

    /// A line of a host's output.
    fn output(&mut self, host: &str, stream: Stream, text: &str, now: Instant) {
        let (to, mark, style) = match stream {
            Stream::Stdout => (To::Out, "|", DIM),
            Stream::Stderr => (To::Err, "!", BAD),
        };
        let text = self.clean(to, text);
        let prefix = match self.prefix {
            true => {
                self.widen(host);
                if !self.prefixes[to as usize].contains_key(host) {
                    let mark = self.palettes[to as usize].paint(style, mark);
                    let prefix = format!("{} {mark} ", self.name(to, host));
                    self.prefixes[to as usize].insert(host.to_owned(), prefix);
                }
                self.prefixes[to as usize][host].as_str()
            }
            false => "",
        };
        self.screen.append(to, now, |pending| {
            for part in [prefix, &text, "\n"] {
                pending.extend_from_slice(part.as_bytes());
            }
        });
    }

    /// A line of ours about a host.
    fn about(&mut self, host: &str, what: &str, style: Style, text: &str) {
        let lines = self.about_lines(host, what, style, text);
        self.screen.write(To::Err, &lines);
    }

    fn about_lines(&mut self, host: &str, what: &str, style: Style, text: &str) -> String {
        let prefix = self.name(To::Err, host);
        let what = self.palettes[To::Err as usize].paint(style, what);
        let text: Vec<String> =
            text.lines().map(|line| self.clean(To::Err, line).into_owned()).collect();
        format!("{prefix} {what} {}\n", text.join("\n    "))
    }

    fn operation(&mut self, host: &str, what: &str, result: OperationResult, diff: &str) {
        let (word, style) = match result {
            OperationResult::Unchanged if self.verbose == 0 => return,
            OperationResult::Unchanged => ("ok", GOOD),
            OperationResult::Changed => ("changed", CHANGED),
            OperationResult::WouldChange => ("would change", CHANGED),
            OperationResult::Failed => ("failed", BAD),
        };
        let mut lines = self.about_lines(host, word, style, what);
        if self.diff || result == OperationResult::WouldChange {
            let palette = self.palettes[To::Err as usize];
            let most = if self.diff { usize::MAX } else { SHOWN_OF_DIFF };
            for line in diff.lines().take(most) {
                let line = palette.diff_line(&self.clean(To::Err, line));
                lines.push_str(&format!("    {line}\n"));
            }
            let more = diff.lines().skip(most).count();
            if more > 0 {
                let hint = format!("… {more} more lines (--diff shows all)");
                lines.push_str(&format!("    {}\n", palette.paint(DIM, hint)));
            }
        }
        self.screen.write(To::Err, &lines);
    }

    fn result(&mut self, parts: &[(Option<String>, String)]) {
        let to = To::Out;
        for (host, text) in parts {
            let mut lines = String::new();
            for line in text.lines() {
                let line = self.clean(to, line);
                match host {
                    Some(host) if self.prefix => {
                        lines.push_str(&format!("{}: {line}\n", self.bare_name(to, host)));
                    }
                    _ => lines.push_str(&format!("{line}\n")),
                }
            }
            self.screen.write(to, &lines);
        }
    }

    /// A host's name, padded to the widest.
    fn name(&mut self, to: To, host: &str) -> String {
        self.widen(host);
        self.palettes[to as usize].host(host, format!("{host:width$}", width = self.width))
    }

    fn bare_name(&self, to: To, host: &str) -> String {
        self.palettes[to as usize].host(host, host)
    }

    fn widen(&mut self, host: &str) {
        let width = host.chars().count().min(WIDEST);
        if width > self.width {
            self.width = width;
            self.prefixes.iter_mut().for_each(HashMap::clear);
        }
    }

    /// Text of a host as it may go to this stream: as it is to a pipe, without control sequences to a terminal.
    fn clean<'t>(&self, to: To, text: &'t str) -> Cow<'t, str> {
        if self.screen.is_terminal(to) {
            harmless(text, self.palettes[to as usize].colored)
        } else {
            Cow::Borrowed(text)
        }
    }
}

fn columns() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .unwrap_or(80)
}

impl Coloring {
    /// Whether this stream is coloured.
    pub(crate) fn applies(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}

impl std::fmt::Debug for Human {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Human").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
