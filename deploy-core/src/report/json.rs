//! Events as one JSON object a line, for programs. Nothing else goes to that stream.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::diagnostic;
use super::palette::Palette;
use crate::event::{Event, EventKind, Reporter};

/// The version of what is written; grows when something that was there changes or goes.
const SCHEMA: u32 = 1;

/// Writes every event as a line of JSON.
pub struct Json {
    out: Mutex<Out>,
    /// Failures for people; they are on the other stream as well, so that a log of errors stays one.
    err: Option<Palette>,
    closed: Option<CancellationToken>,
}

/// Where lines go.
struct Out {
    /// Nowhere any more, once nobody reads.
    to: Option<Box<dyn Write + Send>>,
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
        let out = Out { to: Some(Box::new(out)), started: false };
        Self { out: Mutex::new(out), err: None, closed: None }
    }

    /// Shows failures to people on standard error too.
    pub(crate) fn failures_to_stderr(mut self, palette: Palette) -> Self {
        self.err = Some(palette);
        self
    }

    /// Fires `token` when nobody reads any more.
    #[must_use]
    pub fn on_closed(mut self, token: CancellationToken) -> Self {
        self.closed = Some(token);
        self
    }

    fn line(&self, event: &Event) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let Out { to, started } = &mut *out;
        let Some(writer) = to else { return };
        let mut text = Vec::new();
        if !std::mem::replace(started, true) {
            let version = env!("CARGO_PKG_VERSION");
            append(&mut text, &Start { event: "start", schema: SCHEMA, version });
        }
        append(&mut text, event);
        if writer.write_all(&text).and_then(|()| writer.flush()).is_err() {
            *to = None;
            if let Some(closed) = &self.closed {
                closed.cancel();
            }
        }
    }
}

/// Appends a line; events hold nothing that is no JSON.
fn append(text: &mut Vec<u8>, value: &impl Serialize) {
    if let Ok(line) = serde_json::to_vec(value) {
        text.extend_from_slice(&line);
        text.push(b'\n');
    }
}

impl Reporter for Json {
    fn event(&self, event: &Event) {
        self.line(event);
        if let (EventKind::Finished { failures, .. }, Some(palette)) = (&event.kind, self.err) {
            for failure in failures {
                // Standard error is the last resort: there is nowhere to tell that it is gone.
                let _ = std::io::stderr().write_all(diagnostic(failure, palette).as_bytes());
            }
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
