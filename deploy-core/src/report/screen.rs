//! Both output streams under one lock: whole lines in order, and a line of progress below them.
//!
//! Knows no events. A line is written at once when there was none just before; lines that come fast are written
//! together, by whoever fills the buffer or by the ticker.

use std::io::{ErrorKind, Write};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::unwritable::Unwritable;

/// Lines that come faster than this are written together.
const GATHER: Duration = Duration::from_millis(20);

/// A buffer of this size is written at once.
const FULL: usize = 32 << 10;

/// How often what was gathered is written.
const TICK: Duration = Duration::from_millis(50);

/// While a question is asked this much is held back.
const HELD: usize = 4 << 20;

const CLEAR: &[u8] = b"\r\x1b[2K";

/// Which of both streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Out = 0,
    Err = 1,
}

/// Where it all goes.
pub(super) struct Screen {
    sinks: [Sink; 2],
    /// The progress line that is to be seen.
    progress: String,
    /// Whether it is drawn at the moment.
    drawn: bool,
    /// Held back while a question is asked.
    paused: bool,
    /// Fired when nobody reads standard output any more, or it cannot be written.
    closed: Option<CancellationToken>,
    /// Told when it cannot be written.
    unwritable: Option<Unwritable>,
}

/// Something that has to be done again and again.
pub(super) trait Tick: Send + 'static {
    fn tick(&mut self);
}

/// Ticks for as long as `what` is there.
pub(super) fn keep_ticking<T: Tick>(what: Weak<Mutex<T>>) {
    // Without the thread everything is still shown, only later, so a failure to start it is no error.
    let _ = std::thread::Builder::new().name("reporter".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(TICK);
            let Some(what) = what.upgrade() else { return };
            what.lock().unwrap_or_else(PoisonError::into_inner).tick();
        }
    });
}

struct Sink {
    to: Box<dyn Write + Send>,
    terminal: bool,
    pending: Vec<u8>,
    written: Option<Instant>,
    broken: bool,
}

impl Sink {
    fn new(to: Box<dyn Write + Send>, terminal: bool) -> Self {
        Self { to, terminal, pending: Vec::new(), written: None, broken: false }
    }
}

impl Screen {
    /// Writes to these; `terminals` says which of them is one.
    pub(super) fn new(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        terminals: [bool; 2],
    ) -> Self {
        Self {
            sinks: [Sink::new(out, terminals[0]), Sink::new(err, terminals[1])],
            progress: String::new(),
            drawn: false,
            paused: false,
            closed: None,
            unwritable: None,
        }
    }

    pub(super) fn on_closed(&mut self, token: CancellationToken) {
        self.closed = Some(token);
    }

    pub(super) fn on_unwritable(&mut self, unwritable: Unwritable) {
        self.unwritable = Some(unwritable);
    }

    pub(super) fn is_terminal(&self, to: To) -> bool {
        self.sinks[to as usize].terminal
    }

    /// Appends one or more whole lines, newline included.
    pub(super) fn write(&mut self, to: To, lines: &str) {
        self.append(to, Instant::now(), |pending| pending.extend_from_slice(lines.as_bytes()));
    }

    /// Lets `fill` append whole lines, without a copy of them elsewhere.
    pub(super) fn append(&mut self, to: To, now: Instant, fill: impl FnOnce(&mut Vec<u8>)) {
        let other = if to == To::Out { To::Err } else { To::Out };
        if !self.sinks[other as usize].pending.is_empty() && !self.paused {
            self.flush_one(other);
        }
        let sink = &mut self.sinks[to as usize];
        if sink.broken {
            return;
        }
        fill(&mut sink.pending);
        let due = sink.written.is_none_or(|at| now.duration_since(at) >= GATHER);
        let limit = if self.paused { HELD } else { FULL };
        if sink.pending.len() >= limit || (due && !self.paused) {
            self.flush_one(to);
        }
    }

    /// Writes what was gathered.
    pub(super) fn flush(&mut self) {
        if self.paused {
            return;
        }
        for to in [To::Out, To::Err] {
            if !self.sinks[to as usize].pending.is_empty() {
                self.flush_one(to);
            }
        }
        self.draw();
    }

    fn flush_one(&mut self, to: To) {
        if self.sinks[to as usize].terminal {
            self.clear();
        }
        let sink = &mut self.sinks[to as usize];
        sink.written = Some(Instant::now());
        let result = sink.to.write_all(&sink.pending).and_then(|()| sink.to.flush());
        sink.pending.clear();
        let Err(error) = result else { return };
        sink.broken = true;
        if to == To::Err {
            return;
        }
        match &self.unwritable {
            // Who has gone away on purpose, as `head` does, wants to hear no more of it.
            _ if error.kind() == ErrorKind::BrokenPipe && self.closed.is_some() => {
                self.sinks[To::Err as usize].broken = true;
            }
            Some(unwritable) => unwritable.note(&error),
            None => self.write(To::Err, &format!("cannot write the output: {error}\n")),
        }
        if let Some(token) = &self.closed {
            token.cancel();
        }
    }

    /// Shows `line` below everything else; an empty one takes it away.
    pub(super) fn set_progress(&mut self, line: String) {
        if !self.is_terminal(To::Err) || line == self.progress {
            return;
        }
        self.clear();
        self.progress = line;
        self.draw();
    }

    /// Holds everything back while somebody is asked, or lets it go.
    pub(super) fn pause(&mut self, paused: bool) {
        if paused {
            self.flush();
            self.clear();
        }
        self.paused = paused;
        // It is from before, and is shown anew when there is something to wait for still.
        self.progress.clear();
        self.flush();
    }

    fn draw(&mut self) {
        if self.drawn || self.paused || self.progress.is_empty() {
            return;
        }
        self.drawn = true;
        let line = self.progress.clone();
        self.raw(line.as_bytes());
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            self.raw(CLEAR);
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        let sink = &mut self.sinks[To::Err as usize];
        if !sink.broken && sink.to.write_all(bytes).and_then(|()| sink.to.flush()).is_err() {
            sink.broken = true;
        }
    }
}
