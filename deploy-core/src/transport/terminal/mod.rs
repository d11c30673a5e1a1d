//! One script with a terminal of its own on the host, whatever the connector.
//!
//! The terminal is made of two: a pseudo-terminal of this machine ([`pty`]), and on it the program that leads to the host with
//! a terminal there ([`Connection::terminal`], such as `ssh -tt` over the kept connection, or `docker exec -it`). Who is at the near
//! end, a person or rules, is [`Near`]. Since everything passes here, it can be recorded, a lost connection leaves no terminal
//! of a person's in a mess, and all connectors behave alike.
//!
//! The script travels as ever: what is started on the host holds nothing of it. It switches the new terminal's echo and line editing off,
//! says so by an unguessable word, and reads one line, which is the script; then it puts the terminal back as it was. So no part of a script
//! is in an argument list, an environment or a file, and none is echoed. `stty`, which POSIX has, must be there.
//! Marks frame what is shown, as on any channel ([`frames`](super::frames)), so that a status of 255 is told from a lost ssh.
//!
//! When it ends otherwise than by itself, the terminal hangs up, and what is left of the script's process group is ended over
//! the connection.

mod pty;

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use async_trait::async_trait;
use rustix::termios::Termios;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use self::pty::Pty;
use super::drive::{self, Discard, died, not_started};
use super::frames::{Framed, Mark};
use super::{Connection, Request, TransportError, bootstrap, password};
use crate::command::{Secret, Status};
use crate::error::Unreachable;
use crate::host::Elevation;

/// How long a program whose script is over may take to end, and what it still shows to come.
const END_LIMIT: Duration = Duration::from_secs(1);

/// How long ending what is left over may take: the two seconds until KILL, and some for the way.
const SWEEP_LIMIT: Duration = Duration::from_secs(5);

/// Who is at the near end of a terminal.
#[async_trait]
pub trait Near: Send {
    /// What the terminal is to be like. Called once, before anything else, unless nothing is to run at all.
    ///
    /// # Errors
    /// When there is nobody, which ends the attempt.
    async fn setup(&mut self) -> Result<Setup, TransportError>;

    /// The terminal shows these bytes; they may break characters and sequences anywhere.
    async fn shows(&mut self, bytes: &[u8]);

    /// Waits for what happens next here. Nothing is lost when the future is dropped before it is ready.
    async fn next(&mut self) -> Happening;
}

/// What happens at the near end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happening {
    /// Keys were pressed.
    Keys(Vec<u8>),
    /// The terminal is of another size now.
    Resized(Size),
    /// Whoever is here wants no more of it; why.
    GivesUp(String),
}

/// What a terminal is like.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// How large it is.
    pub size: Size,
    /// Its settings, such as which key erases; the system's own without.
    pub termios: Option<Termios>,
    /// What kind it is, for `TERM`; ours without.
    pub kind: Option<&'static str>,
    /// Whether what is typed is shown.
    pub echo: Echo,
}

/// Whether a terminal shows what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// As its settings say.
    AsSet,
    /// Not until a program says so.
    Off,
}

impl Setup {
    /// A terminal of this size, otherwise as they usually are.
    #[must_use]
    pub const fn new(size: Size) -> Self {
        Self { size, termios: None, kind: None, echo: Echo::AsSet }
    }
}

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many lines it has.
    pub rows: u16,
    /// How long they are.
    pub columns: u16,
}

/// What leads to a terminal on a host: the program to start on a terminal of this machine.
#[derive(Clone, Debug)]
pub struct Lead {
    pub(super) words: Vec<OsString>,
    passes_on: PassesOn,
}

/// What that program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PassesOn {
    /// The shell itself.
    Nothing,
    /// Something between us and the shell.
    All,
}

impl Lead {
    /// A program that passes everything on, such as ssh.
    #[must_use]
    pub fn through(words: Vec<OsString>) -> Self {
        Self { words, passes_on: PassesOn::All }
    }

    /// The words themselves, for this machine.
    pub(super) fn here(words: Vec<String>) -> Self {
        Self {
            words: words.into_iter().map(OsString::from).collect(),
            passes_on: PassesOn::Nothing,
        }
    }
}

/// How it ended.
enum End {
    Status(u8),
    /// What was said instead of starting a shell.
    NotStarted(String),
    /// The terminal broke off; how the program on it ended, if it did.
    Broken(Option<ExitStatus>),
    Cancelled,
    GaveUp(String),
}

/// Runs a script on a terminal: [`Connection::interact`] for every connector that has terminals.
///
/// # Errors
/// As [`Connection::exec`].
pub(super) async fn interact<C: Connection + ?Sized>(
    connection: &C,
    request: &Request,
    near: &mut dyn Near,
) -> Result<Status, TransportError> {
    let setup = near.setup().await?;
    let ready = match &request.password {
        Some(password) => password.mark().to_owned(),
        None => Mark::new().word().to_owned(),
    };
    let words = bootstrap::argv_on_terminal(request, &ready)?;
    let lead = tokio::select! {
        biased;
        () = request.cancel.cancelled() => {
            return Err(TransportError::Cancelled { detail: String::new() });
        }
        lead = connection.terminal(words) => lead?,
    };
    let mut pty = Pty::start(&lead, &setup).map_err(|error| {
        let program = lead.words.first().map(|word| word.to_string_lossy()).unwrap_or_default();
        let message = format!("cannot start {program} on a terminal: {error}");
        TransportError::Failed { message }
    })?;
    let mark = Mark::new();
    let mut framed = Framed::new(&mark, true);
    let line = bootstrap::line_on_terminal(request, &mark, setup.echo);
    let end = drive(request, line, &ready, &mut pty, &mut framed, near).await;
    // It hangs up before what does not listen to that is ended.
    drop(pty);
    if let End::Status(code) = end {
        return Ok(Status::Code(code));
    }
    let left = sweep(connection, request, framed.first()).await;
    match (end, left) {
        (End::Status(code), _) => Ok(Status::Code(code)),
        (End::Cancelled, left) => {
            Err(TransportError::Cancelled { detail: left.unwrap_or_default() })
        }
        (End::GaveUp(message), left) => Err(TransportError::Ended {
            message: [Some(message), left].into_iter().flatten().collect::<Vec<_>>().join("; "),
        }),
        (End::NotStarted(said), _) => Err(not_started(request, &said)),
        (End::Broken(status), None) => how_it_died(request, &lead, status),
        // The connection does not even tell what is left.
        (End::Broken(_), Some(left)) => Err(TransportError::unreachable(
            Unreachable::Lost,
            format!("the connection broke while the command ran; {left}"),
        )),
    }
}

/// What the shell on the terminal came to that could not report.
fn how_it_died(
    request: &Request,
    lead: &Lead,
    status: Option<ExitStatus>,
) -> Result<Status, TransportError> {
    let program = lead.words.first().map(|word| word.to_string_lossy()).unwrap_or_default();
    let signal = status.and_then(|status| status.signal());
    let code = status.and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    match (lead.passes_on, signal, code) {
        (PassesOn::Nothing, Some(signal), _) => Ok(Status::Signal(signal)),
        (PassesOn::All, Some(signal), _) => Err(TransportError::unreachable(
            Unreachable::Lost,
            format!("{program}, which carried the terminal, was ended by signal {signal}"),
        )),
        // ssh says so of a shell that something killed, and the connection itself is known to be there.
        (PassesOn::All, None, Some(255)) => Ok(Status::Signal(9)),
        (_, None, Some(code)) => Ok(died(request, code)),
        (_, None, None) => Ok(Status::Signal(9)),
    }
}

/// Ends what is left of the script's process group. Returns what may not be ended.
async fn sweep<C: Connection + ?Sized>(
    connection: &C,
    request: &Request,
    group: Option<i32>,
) -> Option<String> {
    let group = group?;
    let request = drive::end_group(request, group);
    match timeout(SWEEP_LIMIT, connection.exec(&request, &mut Discard)).await {
        Ok(Ok(status)) if status.success() => None,
        _ => Some(format!("its process group {group} may still run there")),
    }
}

/// Everything from the start of the program to the end of the script.
async fn drive(
    request: &Request,
    line: Vec<u8>,
    ready: &str,
    pty: &mut Pty,
    framed: &mut Framed,
    near: &mut dyn Near,
) -> End {
    let Pty { shown, keys, .. } = pty;
    let secret: Option<(Elevation, &Secret)> =
        request.password.as_ref().map(|password| (request.elevation, password.secret()));
    let mut nothing = tokio::io::empty();
    match password::started(ready, secret, &request.cancel, keys, &mut nothing, shown).await {
        Ok(_) => {}
        Err(drive::End::Cancelled) => return End::Cancelled,
        Err(drive::End::NotStarted(said)) => return End::NotStarted(said),
        Err(_) => return End::NotStarted(String::new()),
    }
    let mut pending = line;
    let mut buffer = vec![0; 16 << 10];
    let (mut exited, mut deadline) = (None, None);
    let broken = |framed: &Framed, status| match framed.begun() {
        true => End::Broken(status),
        false => End::NotStarted(framed.before()),
    };
    loop {
        let overdue = async {
            match deadline {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = pty.shown.read(&mut buffer) => {
                let mut shown = Vec::new();
                let closed = match read {
                    Ok(count @ 1..) => {
                        framed.push(&buffer[..count], |bytes| shown.extend_from_slice(bytes));
                        false
                    }
                    _ => {
                        framed.end(|bytes| shown.extend_from_slice(bytes));
                        true
                    }
                };
                if !shown.is_empty() {
                    near.shows(&shown).await;
                }
                if framed.is_over() {
                    // It has all but ended, and ends in better order than if its terminal were gone.
                    let _ = timeout(END_LIMIT, pty.child.wait()).await;
                    let code = framed.number().and_then(|number| u8::try_from(number).ok());
                    return code.map_or(End::Broken(None), End::Status);
                }
                if closed {
                    let status = match exited {
                        Some(status) => Some(status),
                        None => timeout(END_LIMIT, pty.child.wait()).await.ok().and_then(Result::ok),
                    };
                    return broken(framed, status);
                }
            }
            written = pty.keys.write(&pending), if !pending.is_empty() => match written {
                Ok(count) => drop(pending.drain(..count)),
                // What there is to be said about that comes the other way.
                Err(_) => pending.clear(),
            },
            happening = near.next(), if pending.is_empty() && framed.begun() => match happening {
                Happening::Keys(bytes) => pending = bytes,
                Happening::Resized(size) => pty.resize(size),
                Happening::GivesUp(why) => return End::GaveUp(why),
            },
            status = pty.child.wait(), if exited.is_none() => {
                exited = status.ok();
                deadline = Some(Instant::now() + END_LIMIT);
            }
            () = request.cancel.cancelled() => return End::Cancelled,
            () = overdue => return broken(framed, exited),
        }
    }
}
