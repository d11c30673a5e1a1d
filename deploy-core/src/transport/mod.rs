//! How a host is reached: one trait for what reaches it, one for what has been reached.
//!
//! Knows hosts as data and scripts as bytes; no nodes, no events, no policy. Retries, time limits, output for the user
//! and dry runs are decided above. A connector is one file that implements [`Connector`] and registers itself
//! with [`register_connector!`](crate::register_connector).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::command::{OnDisconnect, Status, Stdin};
use crate::error::{ErrorKind, Unreachable};
use crate::host::{AsUser, Elevation, HostSpec};

mod bootstrap;
mod container;
mod drive;
mod elevate;
mod frames;
mod input;
mod local;
mod password;
mod pool;
mod resident;
mod ssh;
mod terminal;

pub use password::SudoPassword;
pub use pool::Pool;
pub use terminal::{Echo, Happening, Lead, Near, Setup, Size};

/// Reaches hosts of one scheme.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    /// Connects, or attaches to a connection that is still there from an earlier run.
    ///
    /// Dropping the future gives up; nothing stays behind.
    ///
    /// # Errors
    /// Why the host cannot be reached, told apart as finely as possible.
    async fn connect(
        &self,
        host: &HostSpec,
        settings: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError>;
}

/// A host that has been reached.
#[async_trait]
pub trait Connection: Send + Sync + 'static {
    /// Runs one script to its end and hands over its output as it comes.
    ///
    /// When `request.cancel` fires, the remote process and its children are ended (TERM, then KILL after a
    /// grace period) and the result is [`TransportError::Cancelled`]. Dropping the future may leave the process running.
    ///
    /// # Errors
    /// When the host was lost or the script could not be started; [`TransportError::NotBegun`] if that is known to have been
    /// before it began. A script that fails is no error here.
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError>;

    /// Runs one script with a terminal of its own on the host, and `near` at the other end of it. Input and what becomes of
    /// it when the connection is lost are not in question: it reads the terminal, and ends with it.
    ///
    /// Cancelling is as with [`exec`](Self::exec).
    ///
    /// # Errors
    /// As [`exec`](Self::exec); [`TransportError::Ended`] when `near` gives up.
    async fn interact(
        &self,
        request: &Request,
        near: &mut dyn Near,
    ) -> Result<Status, TransportError> {
        terminal::interact(self, request, near).await
    }

    /// What to start on a terminal of this machine so that `words` run on a terminal of the host.
    ///
    /// # Errors
    /// When the host was lost, or this kind of connection has no terminals.
    async fn terminal(&self, words: Vec<String>) -> Result<Lead, TransportError> {
        let _ = words;
        Err(TransportError::Failed { message: "there is no way to a terminal there".to_owned() })
    }

    /// Whether this connection was there before this program asked for it.
    fn reused(&self) -> bool {
        false
    }

    /// Gives the connection back. Whether it then ends or stays for the next run is the connector's setting.
    async fn close(&self) {}

    /// Ends the connection for good: the host goes down, so that nothing of it can serve another command or run.
    async fn abandon(&self) {
        self.close().await;
    }
}

/// One script to run.
#[derive(Clone)]
pub struct Request {
    /// POSIX shell source; directory, environment and prefixes are in it. It may hold secrets, so it must not be in any
    /// argument list, here or there.
    pub script: Vec<u8>,
    /// Whom it runs as.
    pub user: AsUser,
    /// By which program it becomes that user's.
    pub elevation: Elevation,
    /// What is typed when that program asks for a password; without it, it must not ask.
    pub password: Option<SudoPassword>,
    /// Whether the shell reads the login profile first.
    pub login_shell: bool,
    /// Words after which the shell is started somewhere inside this host, such as `docker exec -i app`; none for the
    /// host itself.
    pub within: Vec<String>,
    /// What it reads.
    pub stdin: Stdin,
    /// Is told how many bytes of that have been sent so far.
    pub sent: Option<Sent>,
    /// What becomes of it when the connection is lost.
    pub on_disconnect: OnDisconnect,
    /// The command as echoed, with its context and with secrets hidden.
    pub echo: String,
    /// Ends it when fired.
    pub cancel: CancellationToken,
}

/// Takes how many bytes have been sent so far.
pub type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// Without the script, which may hold a secret.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("echo", &self.echo)
            .field("user", &self.user)
            .field("stdin", &self.stdin)
            .finish_non_exhaustive()
    }
}

/// Takes the output of a script as it comes; chunks may break lines and characters anywhere.
pub trait Sink: Send {
    /// Some bytes of standard output.
    fn stdout(&mut self, bytes: &[u8]);
    /// Some bytes of standard error.
    fn stderr(&mut self, bytes: &[u8]);
}

/// Why a script has no status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// The host was not reached or was lost.
    Unreachable {
        /// Why.
        reason: Unreachable,
        /// What ssh or the system said.
        detail: String,
    },
    /// A connection that there was is gone, and none could be made anew, before anything of the script was sent: it may be tried
    /// again as connecting is.
    NotBegun {
        /// Why.
        reason: Unreachable,
        /// What ssh or the system said.
        detail: String,
    },
    /// It was cancelled; says what may still run, empty if nothing does.
    Cancelled {
        /// What is known of what still runs there.
        detail: String,
    },
    /// It was not started: becoming another user takes a password, and none was given.
    PasswordNeeded {
        /// What asks for it.
        by: Elevation,
        /// Whom it would have run as.
        user: String,
    },
    /// It was not started: the password that was given is not taken.
    PasswordRefused {
        /// What refused it.
        by: Elevation,
        /// Whom it would have run as.
        user: String,
    },
    /// It was ended because of what it showed on its terminal, or because whoever was there gave it up.
    Ended {
        /// What to tell the user.
        message: String,
    },
    /// It could not be started for another reason.
    Failed {
        /// What to tell the user.
        message: String,
    },
}

impl TransportError {
    /// What it is for whoever ran something on that host.
    pub(crate) fn of_host(self, host: &str) -> crate::Error {
        let host = host.to_owned();
        match self {
            Self::Unreachable { reason, detail } | Self::NotBegun { reason, detail } => {
                crate::Error::new(ErrorKind::Unreachable { host, reason, detail })
            }
            Self::Cancelled { detail } => {
                crate::Error::new(ErrorKind::Cancelled { host: Some(host), detail })
            }
            Self::PasswordNeeded { by, user } => {
                crate::Error::host(host, format!("{by} asks for a password to become `{user}`"))
            }
            Self::PasswordRefused { by, user } => {
                crate::Error::host(host, format!("{by} refused the password to become `{user}`"))
            }
            Self::Ended { message } | Self::Failed { message } => crate::Error::host(host, message),
        }
    }

    /// The same, of a script of which nothing has been sent.
    pub(crate) fn before_it_began(self) -> Self {
        match self {
            Self::Unreachable { reason, detail } => Self::NotBegun { reason, detail },
            other => other,
        }
    }

    /// The same, for whom it makes no difference whether anything has begun.
    pub(crate) fn whenever(self) -> Self {
        match self {
            Self::NotBegun { reason, detail } => Self::Unreachable { reason, detail },
            other => other,
        }
    }

    /// A host that is not reached.
    pub fn unreachable(reason: Unreachable, detail: impl Into<String>) -> Self {
        Self::Unreachable { reason, detail: detail.into() }
    }
}

/// What the user said about connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectSettings {
    /// An ssh_config to use instead of the user's own.
    pub ssh_config: Option<PathBuf>,
    /// Further `Key=Value` options for ssh.
    pub ssh_options: Vec<String>,
    /// How long an idle connection is kept after the program; zero ends it with the program.
    pub persist: Duration,
    /// How long connecting may take where the host does not say.
    pub connect_timeout: Duration,
    /// How often connecting is tried again after a transport error.
    pub retries: u32,
    /// How many connections may be starting at once; sshd begins to drop at 10 by default.
    pub starts: usize,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            ssh_config: None,
            ssh_options: Vec::new(),
            persist: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            retries: 0,
            starts: 32,
        }
    }
}

/// A connector of a crate that is linked, found by its scheme.
#[derive(Debug)]
pub struct ConnectorEntry {
    /// The scheme, such as `docker`.
    pub scheme: &'static str,
    /// Makes the connector.
    pub make: fn() -> Arc<dyn Connector>,
}

inventory::collect!(ConnectorEntry);

/// Registers a connector under its scheme, so that host patterns such as `docker:name` reach it.
#[macro_export]
macro_rules! register_connector {
    ($scheme:literal, $make:expr) => {
        $crate::__private::inventory::submit! {
            $crate::transport::ConnectorEntry { scheme: $scheme, make: $make }
        }
    };
}
