//! Results and failures, and nothing else.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::diagnostic;
use super::palette::Palette;
use super::screen::{Screen, To};
use super::unwritable::Unwritable;
use crate::event::{Event, EventKind, Reporter};

/// Shows what the action returned, and what failed.
pub struct Quiet {
    screen: Mutex<Screen>,
    palette: Palette,
}

impl Quiet {
    /// Results go to `out`, failures to `err`.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        let screen = Mutex::new(Screen::new(Box::new(out), Box::new(err), [false; 2]));
        Self { screen, palette: Palette::default() }
    }

    pub(crate) fn colored(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }

    /// Says why when standard output cannot be written, instead of writing that to standard error.
    pub(crate) fn on_unwritable(self, unwritable: Unwritable) -> Self {
        self.lock().on_unwritable(unwritable);
        self
    }

    /// Fires `token` when nobody reads results any more.
    #[must_use]
    pub fn on_closed(self, token: CancellationToken) -> Self {
        self.lock().on_closed(token);
        self
    }

    fn lock(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Quiet {
    fn event(&self, event: &Event) {
        let mut screen = self.lock();
        match &event.kind {
            EventKind::Result { text, .. } => {
                for (host, text) in text {
                    for line in text.lines() {
                        let line = match host {
                            Some(host) => format!("{host}: {line}\n"),
                            None => format!("{line}\n"),
                        };
                        screen.write(To::Out, &line);
                    }
                }
            }
            EventKind::Finished { failures, .. } => {
                for failure in failures {
                    screen.write(To::Err, &diagnostic(failure, self.palette));
                }
            }
            _ => return,
        }
        // There is no more of it, or not soon.
        screen.flush();
    }

    fn finish(&self) {
        self.lock().flush();
    }

    fn pause(&self, paused: bool) {
        self.lock().pause(paused);
    }
}

impl std::fmt::Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quiet").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Buffer;
    use super::*;

    #[test]
    fn nothing_is_written_while_somebody_has_the_terminal() {
        let (out, err) = (Buffer::default(), Buffer::default());
        let quiet = Quiet::new(out.clone(), err);
        let result = EventKind::Result { value: 3.into(), text: vec![(None, "three".to_owned())] };
        quiet.pause(true);
        quiet.event(&Event::new("".into(), result));
        assert_eq!(out.text(), "");
        quiet.pause(false);
        assert_eq!(out.text(), "three\n");
    }
}
