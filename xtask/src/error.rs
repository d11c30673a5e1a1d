//! What can go wrong in a task, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

/// The result of a task or of a part of one.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a task did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Error {
    /// Something failed that should have worked.
    Failed(String),
    /// This machine cannot run a lab; the text names what is missing.
    LabNotPossible(String),
}

impl Error {
    /// The exit code of `lab` commands where a lab is not possible.
    pub(crate) const LAB_NOT_POSSIBLE: u8 = 3;

    /// The process's exit code for this error.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(_) => ExitCode::FAILURE,
            Self::LabNotPossible(_) => ExitCode::from(Self::LAB_NOT_POSSIBLE),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) => f.write_str(text),
            Self::LabNotPossible(text) => write!(f, "a lab is not possible here: {text}"),
        }
    }
}

/// Shorthand for [`Error::Failed`].
pub(crate) fn failed(text: impl Into<String>) -> Error {
    Error::Failed(text.into())
}

/// Says what was being done when an error of the system came.
pub(crate) trait Context<T> {
    /// `doing` reads as in "cannot {doing}: no such file".
    fn context(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| failed(format!("cannot {doing}: {error}")))
    }
}
