//! Events as one JSON object a line, for programs. Nothing else goes to that stream.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::diagnostic;
use super::palette::Palette;
use super::screen::{Screen, Tick, To, keep_ticking};
use super::unwritable::Unwritable;
use crate::event::{Event, EventKind, Reporter};

/// The version of what is written; grows when something that was there changes or goes.
const SCHEMA: u32 = 1;

/// Writes every event as a line of JSON.
pub struct Json {
    shared: Arc<Mutex<Out>>,
    /// Failures for people; they are on the other stream as well, so that a log of errors stays one.
    err: Option<Palette>,
    seen: Seen,
}

/// Where what is written may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// On a terminal, which somebody may have to themselves for a while.
    AtOnce,
    /// In a file, later.
    Later,
}

/// Where lines go.
struct Out {
    screen: Screen,
    started: bool,
}

/// The first line.
#[derive(Serialize)]
struct Start {
    event: &'static str,
    schema: u32,
    version: &'static str,
}

impl Json {
    /// Writes to `out`, and before the first event the version of the schema.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        let screen = Screen::new(Box::new(out), Box::new(std::io::stderr()), [false; 2]);
        Self {
            shared: Arc::new(Mutex::new(Out { screen, started: false })),
            err: None,
            seen: Seen::AtOnce,
        }
    }

    /// Shows failures to people on standard error too.
    pub(crate) fn failures_to_stderr(mut self, palette: Palette) -> Self {
        self.err = Some(palette);
        self
    }

    /// Writes on while somebody is asked: it goes to a file.
    pub(crate) fn unseen(mut self) -> Self {
        self.seen = Seen::Later;
        self
    }

    /// Says why when this cannot be written, instead of writing that to standard error.
    pub(crate) fn on_unwritable(self, unwritable: Unwritable) -> Self {
        self.lock().screen.on_unwritable(unwritable);
        self
    }

    /// Fires `token` when nobody reads any more.
    #[must_use]
    pub fn on_closed(self, token: CancellationToken) -> Self {
        self.lock().screen.on_closed(token);
        self
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends a line; events hold nothing that is no JSON.
fn append(text: &mut Vec<u8>, value: &impl Serialize) {
    let before = text.len();
    match serde_json::to_writer(&mut *text, value) {
        Ok(()) => text.push(b'\n'),
        Err(_) => text.truncate(before),
    }
}

impl Tick for Out {
    fn tick(&mut self) {
        self.screen.flush();
    }
}

impl Reporter for Json {
    fn event(&self, event: &Event) {
        let mut out = self.lock();
        let first = !std::mem::replace(&mut out.started, true);
        out.screen.append(To::Out, Instant::now(), |text| {
            if first {
                let version = env!("CARGO_PKG_VERSION");
                append(text, &Start { event: "start", schema: SCHEMA, version });
            }
            append(text, event);
        });
        if let (EventKind::Finished { failures, .. }, Some(palette)) = (&event.kind, self.err) {
            for failure in failures {
                out.screen.write(To::Err, &diagnostic(failure, palette));
            }
        }
        if first {
            keep_ticking(Arc::downgrade(&self.shared));
        }
    }

    fn finish(&self) {
        self.lock().screen.flush();
    }

    fn pause(&self, paused: bool) {
        if self.seen == Seen::AtOnce {
            self.lock().screen.pause(paused);
        }
    }
}

impl std::fmt::Debug for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Json").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::super::tests::Buffer;
    use super::*;
    use crate::command::Status;
    use crate::event::{Outcome, Stream};

    #[test]
    fn nothing_is_written_while_somebody_has_the_terminal() {
        let (shown, kept) = (Buffer::default(), Buffer::default());
        let reporters = [Json::new(shown.clone()), Json::new(kept.clone()).unseen()];
        let note = EventKind::Note { host: None, text: "held".to_owned() };
        for json in &reporters {
            json.pause(true);
            json.event(&Event::new("".into(), note.clone()));
            json.finish();
        }
        assert_eq!(shown.text(), "");
        assert!(kept.text().contains("held"), "a file is nobody's terminal");
        reporters[0].pause(false);
        assert!(shown.text().contains("held"), "{}", shown.text());
    }

    #[test]
    fn every_line_is_an_object_with_an_event() {
        let buffer = Buffer::default();
        let json = Json::new(buffer.clone());
        let events = [
            EventKind::Line {
                id: 1,
                host: "web1".to_owned(),
                stream: Stream::Stdout,
                text: "a \"quoted\"\nline".to_owned(),
            },
            EventKind::CommandFinished {
                id: 1,
                host: "web1".to_owned(),
                command: "true".to_owned(),
                outcome: Outcome::Failed(Status::Code(3)),
                elapsed: std::time::Duration::from_millis(1500),
            },
            EventKind::Result { value: serde_json::json!({"a": 1}), text: Vec::new() },
        ];
        for kind in events {
            json.event(&Event { at: SystemTime::UNIX_EPOCH, node: "web".into(), kind });
        }
        json.finish();
        assert_eq!(
            buffer.text(),
            format!(
                concat!(
                    "{{\"event\":\"start\",\"schema\":1,\"version\":\"{}\"}}\n",
                    "{{\"at\":0.0,\"node\":\"web\",\"event\":\"line\",\"id\":1,\"host\":\"web1\",\"stream\":\"stdout\",\"text\":\"a \\\"quoted\\\"\\nline\"}}\n",
                    "{{\"at\":0.0,\"node\":\"web\",\"event\":\"command_finished\",\"id\":1,\"host\":\"web1\",\"command\":\"true\",\"outcome\":{{\"failed\":{{\"code\":3}}}},\"elapsed\":1.5}}\n",
                    "{{\"at\":0.0,\"node\":\"web\",\"event\":\"result\",\"value\":{{\"a\":1}}}}\n",
                ),
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}
