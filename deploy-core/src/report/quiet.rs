//! Results and failures, and nothing else.

use std::io::{ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::diagnostic;
use super::palette::Palette;
use super::screen::Unwritable;
use crate::event::{Event, EventKind, Reporter};

/// Shows what the action returned, and what failed.
pub struct Quiet {
    sinks: Mutex<[Box<dyn Write + Send>; 2]>,
    palette: Palette,
    closed: Option<CancellationToken>,
    unwritable: Option<Unwritable>,
}

impl Quiet {
    /// Results go to `out`, failures to `err`.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        let sinks = Mutex::new([Box::new(out) as Box<dyn Write + Send>, Box::new(err)]);
        Self { sinks, palette: Palette::default(), closed: None, unwritable: None }
    }

    pub(crate) fn colored(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }

    /// Says why when standard output cannot be written.
    pub(crate) fn on_unwritable(mut self, unwritable: Unwritable) -> Self {
        self.unwritable = Some(unwritable);
        self
    }

    /// Fires `token` when nobody reads results any more.
    #[must_use]
    pub fn on_closed(mut self, token: CancellationToken) -> Self {
        self.closed = Some(token);
        self
    }
}

impl Reporter for Quiet {
    fn event(&self, event: &Event) {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let [out, err] = &mut *sinks;
        match &event.kind {
            EventKind::Result { text, .. } => {
                let mut lines = String::new();
                for (host, text) in text {
                    for line in text.lines() {
                        match host {
                            Some(host) => lines.push_str(&format!("{host}: {line}\n")),
                            None => lines.push_str(&format!("{line}\n")),
                        }
                    }
                }
                let Err(error) = out.write_all(lines.as_bytes()).and_then(|()| out.flush()) else {
                    return;
                };
                if error.kind() != ErrorKind::BrokenPipe
                    && let Some(unwritable) = &self.unwritable
                {
                    // There is one standard output, so a second reason would be the same.
                    let _ = unwritable.set(format!("cannot write the output: {error}"));
                }
                if let Some(closed) = &self.closed {
                    closed.cancel();
                }
            }
            EventKind::Finished { failures, .. } => {
                for failure in failures {
                    // Standard error is the last resort: there is nowhere to tell that it is gone.
                    let _ = err.write_all(diagnostic(failure, self.palette).as_bytes());
                }
            }
            _ => {}
        }
    }
}

impl std::fmt::Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quiet").finish_non_exhaustive()
    }
}
