//! Reporters: what of the events is shown, where and how.
//!
//! Reads events and nothing else; knows neither nodes nor the command line. A new reporter is one file.

mod control;
mod files;
mod html;
mod human;
mod json;
pub(crate) mod palette;
mod progress;
mod quiet;
mod record;
#[cfg(test)]
mod schema;
mod screen;
mod summary;
mod tee;
mod trace;
mod unwritable;

use std::io::IsTerminal;

pub use files::Files;
pub use html::Html;
pub use human::Human;
pub use json::Json;
pub use quiet::Quiet;
pub use tee::Tee;
pub use trace::Trace;

use crate::console::Console;
use crate::env::Env;
use crate::event::{Failure, FailureKind};
use palette::{BAD, Palette};
pub(crate) use unwritable::Unwritable;

/// Whether output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coloring {
    /// On a terminal, unless `NO_COLOR` or its like says otherwise.
    #[default]
    Auto,
    /// Into a pipe as well.
    Always,
    /// Never.
    Never,
}

impl Env {
    /// Reports to standard output and standard error, and asks when standard input is a terminal.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # async fn f() -> Result {
    /// let hosts = Hosts::parse("web[1-3]")?.in_env(&Env::stdio().parallel(8));
    /// hosts.run("uptime").await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stdio() -> Self {
        let env = Self::quiet();
        let human = Human::stdio(Coloring::Auto).on_closed(env.cancellation().clone());
        let console = match std::io::stdin().is_terminal() {
            true => Console::interactive(),
            false => Console::non_interactive(),
        };
        env.reporter(human).with_console(console)
    }
}

/// A failure as it is told to people.
pub(crate) fn diagnostic(failure: &Failure, palette: Palette) -> String {
    let label = match failure.kind {
        FailureKind::Cancelled => "cancelled",
        _ => "error",
    };
    let label = palette.paint(BAD, format!("{label}:"));
    let message = match (&failure.action, failure.kind) {
        (Some(action), kind) if kind != FailureKind::Usage => {
            format!("{action}: {}", failure.message)
        }
        _ => failure.message.clone(),
    };
    let lines: Vec<_> =
        message.lines().map(|line| control::harmless(line, palette.colored)).collect();
    format!("{label} {}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    /// A writer that a test can look into.
    #[derive(Clone, Default)]
    pub(super) struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        pub(super) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
