//! Channels of one connection: opened over the master's socket, a bounded number at a time, on a new master when the old one is gone.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use openssh::{Child, ChildStderr, ChildStdin, ChildStdout, Session, Stdio};
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};

use super::master::{Attached, Master};
use crate::command::Status;
use crate::transport::drive::{End, Past, died, drive};
use crate::transport::resident::{self, Residents, is_closed};
use crate::transport::{Request, Sink, TransportError, bootstrap};

/// sshd's default `MaxSessions`. Where a host allows fewer, refused ones wait for their turn.
const SESSIONS: usize = 10;

/// How long a channel is waited for when sshd refuses it although none of ours is open.
const REFUSED_LIMIT: Duration = Duration::from_secs(20);

/// How long a channel whose command is over may take to be closed by the host.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long the master, a process of this machine, may take to say whether the connection is there.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// All channels to one host.
pub(super) struct Channels {
    master: Arc<Master>,
    session: Mutex<Arc<Session>>,
    /// Whether this program has opened a channel on the session, so that the host is known to answer.
    proven: AtomicBool,
    permits: Arc<Semaphore>,
    open: Arc<AtomicUsize>,
    closed: Arc<Notify>,
    residents: Residents<Opened>,
    given_back: AtomicBool,
}

/// What broke when a command's streams did.
pub(super) enum Broken {
    /// Nothing.
    No,
    /// The shell around the command.
    Shell(Status),
    /// The connection.
    Connection,
}

impl Channels {
    pub(super) fn new(master: Master, attached: Attached) -> Self {
        Self {
            master: Arc::new(master),
            session: Mutex::new(attached.session),
            proven: AtomicBool::new(!attached.reused),
            permits: Arc::new(Semaphore::new(SESSIONS)),
            open: Arc::default(),
            closed: Arc::default(),
            residents: Residents::new(),
            given_back: AtomicBool::new(false),
        }
    }

    /// Runs one request, in a shell that waits or on a new channel.
    ///
    /// # Errors
    /// When there is no channel, for whatever reason.
    pub(super) async fn run(
        &self,
        request: &Request,
        sink: &mut dyn Sink,
    ) -> Result<(End, Broken), TransportError> {
        let words = bootstrap::argv(request)?;
        let waiting = self.residents.take(&words).filter(|_| bootstrap::stays(request));
        if let Some(mut opened) = waiting
            && !is_closed(&mut opened.stdout)
            && !is_closed(&mut opened.stderr)
        {
            return Ok(self.drive(words, opened, request, sink).await);
        }
        let line = bootstrap::command_line(&words)?;
        let opened = tokio::select! {
            biased;
            () = request.cancel.cancelled() => {
                return Err(TransportError::Cancelled { detail: String::new() });
            }
            opened = self.open(&line) => opened.map_err(TransportError::before_it_began)?,
        };
        Ok(self.drive(words, opened, request, sink).await)
    }

    /// Runs one request on this channel, and keeps it for the next one if it can be.
    async fn drive(
        &self,
        words: Vec<String>,
        mut opened: Opened,
        request: &Request,
        sink: &mut dyn Sink,
    ) -> (End, Broken) {
        let Opened { stdin, stdout, stderr, past, .. } = &mut opened;
        let end = drive(request, past, stdin, stdout, stderr, sink).await;
        if matches!(end, End::Status { ready: true, .. }) && bootstrap::stays(request) {
            self.residents.keep(words, opened);
            return (end, Broken::No);
        }
        let Opened { child, session, turn, stdin, .. } = opened;
        // A sudo that still asks for a password must not be waited for.
        drop(stdin);
        let close = async move {
            let _turn = turn;
            tokio::time::timeout(CLOSE_LIMIT, child.wait()).await
        };
        let ended = match end {
            End::NotStarted(_) | End::Broken => Some(close.await),
            // The host closes the channel in its own time; nobody need wait for that.
            End::Status { .. } | End::Cancelled | End::Deaf(_) | End::Input(_) => {
                tokio::spawn(close);
                None
            }
        };
        if let End::Status { .. } = end {
            return (end, Broken::No);
        }
        let alive = tokio::time::timeout(CHECK_LIMIT, session.check()).await;
        let broken = match (alive, ended) {
            (Ok(Ok(())), Some(Ok(Ok(status)))) => {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                code.map_or(Broken::No, |code| Broken::Shell(died(request, code)))
            }
            // The crate takes every 127 for a command that was not found.
            (Ok(Ok(())), Some(Ok(Err(openssh::Error::Remote(_))))) => {
                Broken::Shell(Status::Code(127))
            }
            (Ok(Ok(())), _) => Broken::No,
            _ => Broken::Connection,
        };
        (end, broken)
    }

    /// Opens a channel. A refused one waits for its turn; a lost master is replaced once.
    async fn open(&self, line: &str) -> Result<Opened, TransportError> {
        let permit = self.permits.clone().acquire_owned().await.ok();
        let mut replaced = false;
        let mut refused_since = None;
        loop {
            let session = self.session.lock().await.clone();
            let limit = match self.proven.load(Ordering::Relaxed) {
                true => self.master.limit(),
                // The rest is for connecting anew.
                false => self.master.limit() / 2,
            };
            let mut command = session.clone().arc_raw_command(line);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            match tokio::time::timeout(limit, command.spawn()).await {
                Ok(Ok(mut child)) => {
                    self.proven.store(true, Ordering::Relaxed);
                    let turn = Turn::take(permit, &self.open, &self.closed);
                    let streams =
                        (child.stdin().take(), child.stdout().take(), child.stderr().take());
                    let (Some(stdin), Some(stdout), Some(stderr)) = streams else {
                        let message = "the channel has no streams".to_owned();
                        return Err(TransportError::Failed { message });
                    };
                    let past = Past::None;
                    return Ok(Opened { child, stdin, stdout, stderr, session, turn, past });
                }
                Ok(Err(error)) if is_refusal(&error) => {
                    // Those that wait take places that others need.
                    self.residents.end();
                    let waiting = refused_since.get_or_insert_with(Instant::now).elapsed();
                    if self.open.load(Ordering::Relaxed) == 0 && waiting > REFUSED_LIMIT {
                        let message = "sshd refuses to open a session (MaxSessions)".to_owned();
                        return Err(TransportError::Failed { message });
                    }
                    let pause = Duration::from_millis(100);
                    let _ = tokio::time::timeout(pause, self.closed.notified()).await;
                }
                lost if replaced => {
                    let detail = match lost {
                        Ok(Err(error)) => error.to_string(),
                        _ => format!("no channel was opened within {limit:?}"),
                    };
                    let reason = crate::error::Unreachable::Lost;
                    return Err(TransportError::unreachable(reason, detail));
                }
                lost => {
                    replaced = true;
                    self.replace(&session, lost.is_err(), limit).await?;
                }
            }
        }
    }

    /// The ssh that runs a command line with a terminal over this connection, which is replaced first if it is gone.
    ///
    /// # Errors
    /// When the host is not reached any more.
    pub(super) async fn terminal(&self, line: &str) -> Result<Vec<OsString>, TransportError> {
        let session = self.session.lock().await.clone();
        let alive = tokio::time::timeout(CHECK_LIMIT, session.check()).await;
        if !matches!(alive, Ok(Ok(()))) {
            let replaced = self.replace(&session, alive.is_err(), self.master.limit()).await;
            replaced.map_err(TransportError::before_it_began)?;
        }
        Ok(self.master.terminal(line))
    }

    /// Attaches anew, unless another command has done so meanwhile.
    async fn replace(
        &self,
        lost: &Arc<Session>,
        hangs: bool,
        limit: Duration,
    ) -> Result<(), TransportError> {
        let mut session = self.session.lock().await;
        if !Arc::ptr_eq(&session, lost) {
            return Ok(());
        }
        self.residents.end();
        if hangs {
            self.master.exit().await;
        }
        let attached = self.master.replace(limit).await?;
        self.proven.store(!attached.reused, Ordering::Relaxed);
        *session = attached.session;
        Ok(())
    }

    /// Ends the master if it is not to outlive the program.
    pub(super) async fn close(&self) {
        self.residents.end();
        if !self.master.persists() && !self.given_back.swap(true, Ordering::Relaxed) {
            self.master.exit().await;
        }
    }

    /// Ends the master, whether it was to outlive the program or not.
    pub(super) async fn abandon(&self) {
        self.residents.end();
        self.given_back.store(true, Ordering::Relaxed);
        self.master.exit().await;
    }
}

impl Drop for Channels {
    fn drop(&mut self) {
        if !self.master.persists() && !self.given_back.load(Ordering::Relaxed) {
            self.master.exit_unattended();
        }
    }
}

/// A channel, and its place among those that the host allows.
struct Opened {
    child: Child<Arc<Session>>,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    session: Arc<Session>,
    turn: Turn,
    past: Past,
}

impl resident::Shell for Opened {
    fn stdin(&mut self) -> &mut (impl tokio::io::AsyncWrite + Unpin) {
        &mut self.stdin
    }
}

struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
    open: Arc<AtomicUsize>,
    closed: Arc<Notify>,
}

impl Turn {
    fn take(
        permit: Option<OwnedSemaphorePermit>,
        open: &Arc<AtomicUsize>,
        closed: &Arc<Notify>,
    ) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self { _permit: permit, open: open.clone(), closed: closed.clone() }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.closed.notify_one();
    }
}

/// Whether sshd has too many sessions on this connection already. The crate's error has no kind for that.
fn is_refusal(error: &openssh::Error) -> bool {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text.contains("refused by peer")
}
