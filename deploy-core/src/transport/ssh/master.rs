//! The master of a connection: found alive, or started.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openssh::Session;
use tokio::process::{Child, Command};

use super::classify::classify;
use super::control::{self, Lock};
use super::options;
use super::terminate::terminate;
use crate::error::Unreachable;
use crate::host::HostSpec;
use crate::transport::{ConnectSettings, TransportError};

/// How long a master may take to say that it is alive; it is a process on this machine.
const CHECK_LIMIT: Duration = Duration::from_secs(3);

/// Which connection, and where its socket is.
#[derive(Debug)]
pub(super) struct Master {
    host: HostSpec,
    settings: ConnectSettings,
    socket: PathBuf,
}

/// What is taken as proof that a master is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Its socket.
    Socket,
    /// An answer over the socket.
    Answer,
}

/// A master that is there, as far as is known.
pub(super) struct Attached {
    pub(super) session: Arc<Session>,
    /// Whether it was there before.
    pub(super) reused: bool,
}

impl Master {
    pub(super) fn new(host: &HostSpec, settings: &ConnectSettings) -> Result<Self, TransportError> {
        let socket = control::socket(host, settings)?;
        Ok(Self { host: host.clone(), settings: settings.clone(), socket })
    }

    /// How long connecting may take.
    pub(super) fn limit(&self) -> Duration {
        self.host.connect_timeout.unwrap_or(self.settings.connect_timeout)
    }

    /// The ssh that runs a command line with a terminal over this connection.
    pub(super) fn terminal(&self, line: &str) -> Vec<OsString> {
        let arguments =
            options::terminal(&self.host, &self.settings, &self.socket, self.limit(), line);
        std::iter::once("ssh".into()).chain(arguments).collect()
    }

    /// Whether it is to outlive the program.
    pub(super) fn persists(&self) -> bool {
        !self.settings.persist.is_zero()
    }

    /// Attaches to the master, which is started unless its socket is there. All in all within `limit`.
    ///
    /// Nobody asks the master whether it is alive: the first channel shows it, and [`replace`](Self::replace) is for when it is not.
    ///
    /// # Errors
    /// Why the host cannot be reached.
    pub(super) async fn attach(&self, limit: Duration) -> Result<Attached, TransportError> {
        self.start_unless(Proof::Socket, limit).await
    }

    /// Attaches anew to a master that has not opened a channel: one that does not answer is replaced.
    ///
    /// # Errors
    /// Why the host cannot be reached.
    pub(super) async fn replace(&self, limit: Duration) -> Result<Attached, TransportError> {
        self.start_unless(Proof::Answer, limit).await
    }

    fn attached(&self, reused: bool) -> Attached {
        let session = Session::resume_mux(self.socket.clone().into(), None);
        Attached { session: Arc::new(session), reused }
    }

    /// Starts the master, unless this proves that there is one.
    async fn start_unless(
        &self,
        proof: Proof,
        limit: Duration,
    ) -> Result<Attached, TransportError> {
        if self.is_there(proof).await {
            return Ok(self.attached(true));
        }
        let deadline = Instant::now() + limit;
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut => self.timed_out(limit, ""),
            _ => TransportError::Failed {
                message: format!("cannot keep connections in {}: {error}", self.socket.display()),
            },
        };
        let _lock = Lock::acquire(&self.socket, deadline).await.map_err(failed)?;
        // Whoever held the lock may have started it.
        if self.is_there(proof).await {
            return Ok(self.attached(true));
        }
        remove(&self.socket).map_err(failed)?;
        self.start(limit, deadline).await?;
        Ok(self.attached(false))
    }

    async fn is_there(&self, proof: Proof) -> bool {
        if proof == Proof::Socket || !self.socket.exists() {
            return self.socket.exists();
        }
        let session = Session::resume_mux(self.socket.clone().into(), None);
        let check = tokio::time::timeout(CHECK_LIMIT, session.check()).await;
        matches!(check, Ok(Ok(())))
    }

    /// Starts a master. It has forked into the background, ready and logged in, when `ssh` returns.
    async fn start(&self, limit: Duration, deadline: Instant) -> Result<(), TransportError> {
        let arguments = options::master(&self.host, &self.settings, &self.socket, limit);
        match self.ssh(arguments, deadline).await? {
            Ended::Well => Ok(()),
            Ended::Badly(said) => {
                let (mut reason, mut detail) = classify(&said);
                // A kept connection's ssh drops what its proxy command or jump host says, which is where the reason is then.
                if reason == Unreachable::Handshake && said.contains("UNKNOWN port") {
                    let arguments = options::diagnosis(&self.host, &self.settings, limit);
                    if let Ok(Ended::Badly(said)) = self.ssh(arguments, deadline).await {
                        (reason, detail) = classify(&said);
                    }
                }
                Err(TransportError::unreachable(reason, detail))
            }
            Ended::Not(said) => {
                let (reason, detail) = classify(&said);
                let detail = if reason == Unreachable::Other { "" } else { &detail };
                Err(self.timed_out(limit, detail))
            }
        }
    }

    /// Runs ssh until it returns, at most until `deadline`.
    async fn ssh(
        &self,
        arguments: Vec<OsString>,
        deadline: Instant,
    ) -> Result<Ended, TransportError> {
        let messages = self.socket.with_extension("err");
        // A file and not a pipe: the master and a proxy command keep it open.
        let said = || {
            let text = std::fs::read(&messages).unwrap_or_default();
            let _ = std::fs::remove_file(&messages);
            String::from_utf8_lossy(&text).into_owned()
        };
        let failed = |error: io::Error| TransportError::Failed {
            message: format!("cannot start ssh: {error}"),
        };
        let stderr = File::create(&messages).map_err(failed)?;
        let child = Command::new("ssh")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            // Out of reach of a Ctrl-C in our terminal.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut starting = Starting { child, given_up: true };
        let left = deadline.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, starting.child.wait()).await {
            Ok(Ok(status)) if status.success() => {
                starting.given_up = false;
                said();
                Ok(Ended::Well)
            }
            Ok(Ok(_)) => Ok(Ended::Badly(said())),
            Ok(Err(error)) => {
                said();
                Err(failed(error))
            }
            Err(_) => {
                drop(starting);
                Ok(Ended::Not(said()))
            }
        }
    }

    fn timed_out(&self, limit: Duration, said: &str) -> TransportError {
        let mut detail = format!("gave up after {limit:?}");
        if !said.is_empty() {
            detail.push_str(&format!("; ssh said: {said}"));
        }
        TransportError::unreachable(Unreachable::TimedOut, detail)
    }

    /// Ends the master.
    pub(super) async fn exit(&self) {
        let _ = tokio::time::timeout(CHECK_LIMIT, terminate(&self.socket)).await;
        let _ = remove(&self.socket);
    }

    /// Ends the master where nobody can wait for that.
    pub(super) fn exit_unattended(&self) {
        let _ = std::process::Command::new("ssh")
            .args(["-F", "none", "-O", "exit", "-S"])
            .arg(&self.socket)
            .args(["--", "none"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    }
}

fn remove(path: &std::path::Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How ssh ended, with what it said if not well.
enum Ended {
    Well,
    Badly(String),
    Not(String),
}

/// An `ssh` that is still connecting. Given up, it is killed together with its proxy command.
struct Starting {
    child: Child,
    given_up: bool,
}

impl Drop for Starting {
    fn drop(&mut self) {
        // There is an id only as long as it has not been waited for, so it is nobody else's.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(rustix::process::Pid::from_raw).filter(|_| self.given_up) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
