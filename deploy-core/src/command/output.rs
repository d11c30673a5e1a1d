//! What a command left behind.

use std::time::Duration;

use serde::Serialize;

use crate::{Error, Result};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It ended by itself with this code, 0 to 255.
    Code(u8),
    /// A signal ended it.
    Signal(i32),
}

impl Status {
    /// Whether it ended with code 0.
    #[must_use]
    pub const fn success(self) -> bool {
        matches!(self, Self::Code(0))
    }

    /// The exit code; a signal counts as 128 + its number, as in a shell.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Code(code) => code as i32,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "status {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// The result of one command on one host. Both streams are bytes, apart from each other, and
/// bounded: of a huge stream the last [`Output::LIMIT`] bytes are kept.
///
/// ```
/// use deploy_core::Output;
/// let output = Output::from_stdout("up 3 days\n");
/// assert_eq!(output.stdout_str().unwrap(), "up 3 days");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// How long it took, from when it was handed to the host until it ended.
    pub elapsed: Duration,
    /// Whether the beginning of a stream was dropped because it was longer than [`Output::LIMIT`].
    pub truncated: bool,
}

impl Output {
    /// How many bytes of a stream are kept: 8 MiB.
    pub const LIMIT: usize = 8 << 20;

    /// A successful result with this standard output; for tests and hand-written transports.
    pub fn from_stdout(stdout: impl Into<Vec<u8>>) -> Self {
        Self {
            status: Status::Code(0),
            stdout: stdout.into(),
            stderr: Vec::new(),
            elapsed: Duration::ZERO,
            truncated: false,
        }
    }

    /// Whether the command ended with status 0.
    #[must_use]
    pub const fn success(&self) -> bool {
        self.status.success()
    }

    /// Standard output as text, without the final newline, as `$(…)` would give it.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn stdout_str(&self) -> Result<&str> {
        text(&self.stdout, "standard output")
    }

    /// Standard error as text, without the final newline.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn stderr_str(&self) -> Result<&str> {
        text(&self.stderr, "standard error")
    }

    /// The lines of standard output; bytes that are not UTF-8 are replaced.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        String::from_utf8_lossy(&self.stdout)
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn text<'a>(bytes: &'a [u8], what: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes)
        .map(|text| text.trim_end_matches('\n'))
        .map_err(|error| Error::msg(format!("the command's {what} is not UTF-8: {error}")))
}
