//! The one error type, and the exit codes it leads to.
//!
//! An error is a value that names host, action and command and says what to do next. It holds
//! any other error (`?` works on everything that is a `std::error::Error`), which is why it does not itself implement
//! that trait; it turns into a boxed one by `?` or `into()`.

mod exit;
mod unreachable;

use std::fmt;
use std::time::Duration;

pub use exit::ExitCode;
pub use unreachable::Unreachable;

use crate::command::Status;

/// What actions and almost everything else returns.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Something that went wrong.
///
/// ```
/// use deploy_core::{Error, Result};
/// fn port(text: &str) -> Result<u16> {
///     Ok(text.parse::<u16>()?)
/// }
/// assert!(port("x").is_err());
/// assert_eq!(Error::msg("no such site").to_string(), "no such site");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// The action during which it happened, such as `production database start`.
    action: Option<String>,
    /// The host during whose part it happened, where the kind itself does not say.
    host: Option<String>,
}

/// Which time limit a command reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// That of the command.
    Command,
    /// The one for how long it may print nothing.
    Silence,
    /// That of the whole run.
    Run,
}

/// What kind of thing went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The user asked for something that does not exist or cannot be; no host was touched.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// A command ended with a status that is not among its accepted ones.
    Command {
        /// On which host.
        host: String,
        /// The command as echoed, secrets hidden.
        command: String,
        /// How it ended.
        status: Status,
        /// The last lines of its standard error.
        stderr: String,
    },
    /// A host could not be reached, or the connection to it was lost.
    Unreachable {
        /// Which host.
        host: String,
        /// Why.
        reason: Unreachable,
        /// What ssh or the system said.
        detail: String,
    },
    /// A command did not end in time; it was ended on the host.
    TimedOut {
        /// On which host.
        host: String,
        /// The command as echoed.
        command: String,
        /// Which limit.
        limit: Limit,
        /// How long that is.
        after: Duration,
    },
    /// The run was interrupted.
    Cancelled {
        /// On which host, if it had come that far.
        host: Option<String>,
        /// What is known of what still runs there, empty if nothing does.
        detail: String,
    },
    /// It was at work and was ended because others had failed, as a rollout was told to.
    Ended {
        /// On which host.
        host: String,
        /// Because of what, and what is known of what still runs there.
        reason: String,
    },
    /// Not started because something before it failed.
    NotAttempted {
        /// On which host.
        host: String,
        /// Why not.
        reason: String,
    },
    /// Something about one host that is none of the above.
    Host {
        /// Which host.
        host: String,
        /// What went wrong.
        message: String,
    },
    /// Several hosts failed; each is in here once, in declaration order.
    Several(Vec<Error>),
    /// Any other error, of the user's code or of a library.
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// A plain message.
    Message(String),
}

impl Error {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, action: None, host: None }))
    }

    /// A plain message.
    pub fn msg(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Message(message.to_string()))
    }

    /// A mistake in what the user asked for (exit code 2).
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage { message: message.to_string(), hint: None })
    }

    /// A mistake in what the user asked for, with what to do instead.
    pub fn usage_with_hint(message: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage { message: message.to_string(), hint: Some(hint.to_string()) })
    }

    /// Something about one host.
    pub fn host(host: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Host { host: host.to_string(), message: message.to_string() })
    }

    /// One error for several; one alone stays itself.
    #[must_use]
    pub fn several(mut errors: Vec<Self>) -> Self {
        match errors.len() {
            1 => errors.remove(0),
            _ => {
                Self::new(ErrorKind::Several(errors.into_iter().flat_map(Self::flatten).collect()))
            }
        }
    }

    /// The single failures in it. What was known of the action goes along to those that know none.
    pub(crate) fn flatten(self) -> Vec<Self> {
        let Inner { kind, action, host } = *self.0;
        match (kind, action) {
            (ErrorKind::Several(errors), Some(action)) => {
                errors.into_iter().map(|error| error.in_action(action.clone())).collect()
            }
            (ErrorKind::Several(errors), None) => errors,
            (kind, action) => vec![Self(Box::new(Inner { kind, action, host }))],
        }
    }

    /// The kind of this error.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The host it happened on, if it was one.
    #[must_use]
    pub fn host_name(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::Command { host, .. }
            | ErrorKind::Unreachable { host, .. }
            | ErrorKind::TimedOut { host, .. }
            | ErrorKind::Ended { host, .. }
            | ErrorKind::NotAttempted { host, .. }
            | ErrorKind::Host { host, .. } => Some(host),
            ErrorKind::Cancelled { host, .. } => host.as_deref(),
            _ => self.0.host.as_deref(),
        }
    }

    /// The single failures in it, itself if it is one.
    pub fn failures(&self) -> impl Iterator<Item = &Self> {
        match &self.0.kind {
            ErrorKind::Several(errors) => errors.iter(),
            _ => std::slice::from_ref(self).iter(),
        }
    }

    /// The action it happened in, such as `production database start`.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.0.action.as_deref()
    }

    /// Adds the action it happened in, unless one is known already.
    #[must_use]
    pub fn in_action(mut self, action: impl Into<String>) -> Self {
        self.0.action.get_or_insert_with(|| action.into());
        self
    }

    /// Adds the host during whose part it happened to an error that knows none: the user's own or a library's.
    #[must_use]
    pub(crate) fn on_host(mut self, host: &str) -> Self {
        if self.host_name().is_none()
            && matches!(self.0.kind, ErrorKind::Other(_) | ErrorKind::Message(_))
        {
            self.0.host = Some(host.to_owned());
        }
        self
    }

    /// The error that caused this one.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::Other(error) => error.source(),
            _ => None,
        }
    }

    /// The other error in it, if it is of type `E`.
    #[must_use]
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        match &self.0.kind {
            ErrorKind::Other(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// The exit code of a program that ends with this error.
    ///
    /// Of several, the gravest decides: interrupted, then failed, then unreachable.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match &self.0.kind {
            ErrorKind::Usage { .. } => ExitCode::Usage,
            ErrorKind::Unreachable { .. } => ExitCode::Unreachable,
            ErrorKind::Cancelled { .. } => ExitCode::Interrupted,
            ErrorKind::Several(errors) => {
                ExitCode::gravest(errors.iter().map(Self::exit_code)).unwrap_or(ExitCode::Failed)
            }
            _ => ExitCode::Failed,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = &self.0.host {
            write!(f, "{host}: ")?;
        }
        match &self.0.kind {
            ErrorKind::Usage { message, hint } => {
                f.write_str(message)?;
                hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n{hint}"))
            }
            ErrorKind::Command { host, command, status, stderr } => {
                write!(f, "{host}: `{command}` failed with {status}")?;
                for line in stderr.lines() {
                    write!(f, "\n  {line}")?;
                }
                Ok(())
            }
            ErrorKind::Unreachable { host, reason, detail } => {
                write!(f, "{host}: {}", reason.what())?;
                if !detail.is_empty() {
                    write!(f, " ({detail})")?;
                }
                write!(f, "\n  {}", reason.hint())
            }
            ErrorKind::TimedOut { host, command, limit, after } => {
                write!(f, "{host}: `{command}` ")?;
                match limit {
                    Limit::Command => write!(f, "timed out after {after:?} and was ended"),
                    Limit::Silence => write!(f, "printed nothing for {after:?} and was ended"),
                    Limit::Run => write!(f, "was ended: the run's time limit of {after:?} is over"),
                }
            }
            ErrorKind::Cancelled { host, detail } => {
                if let Some(host) = host {
                    write!(f, "{host}: ")?;
                }
                f.write_str("cancelled")?;
                if detail.is_empty() { Ok(()) } else { write!(f, " ({detail})") }
            }
            ErrorKind::Ended { host, reason } => write!(f, "{host}: cancelled, {reason}"),
            ErrorKind::NotAttempted { host, reason } => {
                write!(f, "{host}: not attempted, {reason}")
            }
            ErrorKind::Host { host, message } => write!(f, "{host}: {message}"),
            ErrorKind::Several(errors) => {
                write!(f, "{} hosts failed", errors.len())?;
                for error in errors {
                    write!(f, "\n{error}")?;
                }
                Ok(())
            }
            ErrorKind::Other(error) => {
                write!(f, "{error}")?;
                let mut source = error.source();
                while let Some(cause) = source {
                    write!(f, ": {cause}")?;
                    source = cause.source();
                }
                Ok(())
            }
            ErrorKind::Message(message) => f.write_str(message),
        }
    }
}

/// As `Display`, so that `unwrap` and `fn main() -> Result` show something readable.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(action) = &self.0.action {
            write!(f, "{action}: ")?;
        }
        fmt::Display::fmt(self, f)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::new(ErrorKind::Other(Box::new(error)))
    }
}

/// [`Error`] as a `std::error::Error`, for boxes.
struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::error::Error for Boxed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<Error> for Box<dyn std::error::Error + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

impl From<Error> for Box<dyn std::error::Error> {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

/// Returns an error with a formatted message from the enclosing function.
///
/// ```
/// use deploy_core::{Result, bail};
/// fn check(port: u16) -> Result {
///     if port == 0 {
///         bail!("port {port} is not usable");
///     }
///     Ok(())
/// }
/// assert_eq!(check(0).unwrap_err().to_string(), "port 0 is not usable");
/// ```
#[macro_export]
macro_rules! bail {
    ($($message:tt)+) => {
        return ::core::result::Result::Err($crate::Error::msg(::core::format_args!($($message)+)))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable(host: &str) -> Error {
        Error::new(ErrorKind::Unreachable {
            host: host.to_owned(),
            reason: Unreachable::Refused,
            detail: String::new(),
        })
    }

    #[test]
    fn the_gravest_of_several_decides_the_exit_code() {
        assert_eq!(
            Error::several(vec![unreachable("a"), unreachable("b")]).exit_code(),
            ExitCode::Unreachable
        );
        assert_eq!(
            Error::several(vec![unreachable("a"), Error::msg("x")]).exit_code(),
            ExitCode::Failed
        );
        assert_eq!(Error::usage("x").exit_code(), ExitCode::Usage);
    }

    #[test]
    fn several_of_several_is_flat() {
        let inner = Error::several(vec![unreachable("a"), unreachable("b")]);
        let all = Error::several(vec![inner.in_action("production stop"), unreachable("c")]);
        let actions: Vec<_> = all.failures().map(Error::action).collect();
        assert_eq!(actions, [Some("production stop"), Some("production stop"), None]);
    }

    #[test]
    fn error_is_send_and_sync() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
    }
}
