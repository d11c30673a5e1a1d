//! Runs one request over three byte streams to a shell that was started with
//! [`bootstrap`](super::bootstrap)'s command line.
//!
//! Shared by all connectors whose hosts have a POSIX shell. Knows streams, not what carries them: why a
//! stream broke off is for the connector to find out.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::bootstrap::{CANCEL, COMPLETE, DONE};
use super::frames::{Framed, Mark};
use super::input::Input;
use super::{Request, Sink, TransportError, bootstrap, password};
use crate::command::{Status, Stdin};

/// How long what was cancelled may take to be gone: the two seconds until KILL, and some for the way.
const GRACE: Duration = Duration::from_secs(4);

/// The same for a script that is being sent input: one that does not read it keeps the watcher from
/// listening, and must be ended otherwise.
const GRACE_INPUT: Duration = Duration::from_secs(1);

/// How often that is waited for anew while its shell has not begun yet.
const LATE: u32 = 3;

/// Some hosts' `head` reads more than it passes on and so swallows the line that says that the input is complete. When it does
/// so depends on how slowly the script reads, so it is said again as long as the script runs, after longer and longer pauses.
const REPEAT: Duration = Duration::from_millis(100);
const LONGEST_REPEAT: Duration = Duration::from_secs(5);

/// How much is read at once, in bytes: little, as most commands say little and there may be many at once, until there is more.
const FEW: usize = 1 << 10;
const MANY: usize = 32 << 10;

/// What a shell has done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// Nothing: it has just been started.
    None,
    /// It has run a script. With its process group, if that is known.
    Served(Option<i32>),
}

/// How one request ended, as far as the streams show.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The script ended with this status. A shell that stays is ready for the next one, unless it does not listen.
    Status { status: Status, ready: bool },
    /// Its shell did not start; what it said instead.
    NotStarted(String),
    /// The streams broke off while it ran.
    Broken,
    /// It was cancelled, and nothing of its process group is left.
    Cancelled,
    /// It was cancelled and does not listen: its process group, if known, is to be ended otherwise.
    Deaf(Option<i32>),
    /// Its input could not be read here, so it was ended.
    Input(String),
}

/// Sends the request, hands over its output, and returns when it is over: at its end mark, whatever
/// children still hold the streams open. Says in `past` what the shell has done by then.
pub(super) async fn drive(
    request: &Request,
    past: &mut Past,
    mut stdin: impl AsyncWrite + Unpin + Send,
    mut stdout: impl AsyncRead + Unpin + Send,
    mut stderr: impl AsyncRead + Unpin + Send,
    sink: &mut dyn Sink,
) -> End {
    let fresh = *past == Past::None;
    if fresh && let Some(password) = &request.password {
        let cancel = &request.cancel;
        let by = request.elevation;
        let typed = password.type_in(by, cancel, &mut stdin, &mut stdout, &mut stderr).await;
        if let Err(end) = typed {
            return end;
        }
    }
    let mark = Mark::new();
    let mut input = match Input::open(&request.stdin).await {
        Ok(input) => input,
        Err(message) => return End::Input(message),
    };
    let input_len = input.len();
    let line = bootstrap::line(request, &mark, input_len, fresh);
    let sent = |bytes| {
        if let Some(sent) = &request.sent {
            sent(bytes);
        }
    };
    let feed = async {
        let written = async {
            stdin.write_all(&line).await?;
            if input.copy_to(&mut stdin, &sent).await? {
                stdin.write_all(format!("{COMPLETE}\n").as_bytes()).await?;
            }
            stdin.flush().await
        };
        match written.await {
            // A script that does not read its input, or did not start, shows in the streams.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe && !input.is_null() => {
                Err(error.to_string())
            }
            _ => Ok(stdin),
        }
    };
    let mut feed: Option<BoxFuture<'_, Result<_, String>>> = Some(Box::pin(feed));
    let (mut fed, mut refused) = (None, None);

    let (mut out, mut err) = (Framed::new(&mark, fresh), Framed::new(&mark, fresh));
    let (mut out_open, mut err_open) = (true, true);
    let (mut out_buffer, mut err_buffer) = (vec![0; FEW], vec![0; FEW]);
    let mut deadline = None;
    let (mut repeat, mut late) = (REPEAT, 0);
    let gone = loop {
        if (out.is_over() || !out_open) && (err.is_over() || !err_open) {
            break true;
        }
        let overdue = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = stdout.read(&mut out_buffer), if out_open => match read {
                Ok(0) | Err(_) => {
                    out_open = false;
                    out.end(|bytes| sink.stdout(bytes));
                }
                Ok(count) => {
                    out.push(&out_buffer[..count], |bytes| sink.stdout(bytes));
                    if count == FEW {
                        out_buffer.resize(MANY, 0);
                    }
                }
            },
            read = stderr.read(&mut err_buffer), if err_open => match read {
                Ok(0) | Err(_) => {
                    err_open = false;
                    err.end(|bytes| sink.stderr(bytes));
                }
                Ok(count) => {
                    err.push(&err_buffer[..count], |bytes| sink.stderr(bytes));
                    if count == FEW {
                        err_buffer.resize(MANY, 0);
                    }
                }
            },
            result = async {
                match &mut feed {
                    Some(feed) => feed.await,
                    None => std::future::pending().await,
                }
            }, if feed.is_some() => {
                feed = None;
                match result {
                    Ok(stdin) => fed = Some(stdin),
                    Err(message) => {
                        refused = Some(message);
                        deadline = Some(Instant::now() + GRACE);
                    }
                }
            },
            () = request.cancel.cancelled(), if deadline.is_none() => {
                deadline = Some(Instant::now() + if input_len.is_none() { GRACE } else { GRACE_INPUT });
                // Input that is still on its way is broken off, which ends the script as well.
                feed = None;
                // The empty line is the end of one that may have been written in part.
                order(&mut fed, &format!("\n{CANCEL}")).await;
            },
            () = tokio::time::sleep(repeat), if input_len.is_some() && fed.is_some() => {
                repeat = (repeat + REPEAT).min(LONGEST_REPEAT);
                order(&mut fed, COMPLETE).await;
            }
            () = overdue => {
                // Ended now, a shell that is still starting would begin afterwards, with nobody there to end it.
                if out.begun() || input_len.is_none() || late == LATE {
                    break false;
                }
                late += 1;
                deadline = Some(Instant::now() + GRACE_INPUT);
            }
        }
    };
    if fresh && out.begun() {
        *past = Past::Served(out.first());
    }
    let group = match *past {
        Past::Served(group) => group,
        Past::None => None,
    };
    if let Some(message) = refused {
        return End::Input(message);
    }
    if request.cancel.is_cancelled() && deadline.is_some() {
        return if gone { End::Cancelled } else { End::Deaf(group) };
    }
    if !out.begun() {
        return End::NotStarted([err.before(), out.before()].join("\n").trim().to_owned());
    }
    match out.number().and_then(|number| u8::try_from(number).ok()) {
        Some(code) => {
            let ready = match bootstrap::is_watched(request, fresh) {
                true => order(&mut fed, DONE).await,
                // It has read all that was sent.
                false => fed.is_some(),
            };
            End::Status { status: Status::Code(code), ready }
        }
        None => End::Broken,
    }
}

/// Tells the watcher something. Returns whether it took it at once; later it does not matter any more.
async fn order(stdin: &mut Option<impl AsyncWrite + Unpin>, word: &str) -> bool {
    let Some(stdin) = stdin else { return false };
    let line = format!("{word}\n");
    let write = async {
        stdin.write_all(line.as_bytes()).await?;
        stdin.flush().await
    };
    matches!(tokio::time::timeout(Duration::from_millis(100), write).await, Ok(Ok(())))
}

/// What a shell that did not start means, from what was said instead.
pub(super) fn not_started(request: &Request, said: &str) -> TransportError {
    use crate::host::AsUser;
    let decisive = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    let message = match &request.user {
        AsUser::Other(user) if request.password.is_some() && password::is_refused(said) => {
            return TransportError::PasswordRefused { by: request.elevation, user: user.clone() };
        }
        AsUser::Other(user) if request.password.is_none() && password::is_needed(said) => {
            return TransportError::PasswordNeeded { by: request.elevation, user: user.clone() };
        }
        AsUser::Other(user) => format!("cannot become `{user}`: {decisive}"),
        AsUser::Login if decisive.is_empty() => "no POSIX `sh` was started".to_owned(),
        AsUser::Login => format!("no POSIX `sh` was started: {decisive}"),
    };
    TransportError::Failed { message }
}

/// The request that ends a process group which does not listen, as the user that it belongs to.
pub(super) fn end_group(request: &Request, group: i32) -> Request {
    Request {
        script: bootstrap::end_group(group),
        user: request.user.clone(),
        elevation: request.elevation,
        password: request.password.clone(),
        login_shell: false,
        within: request.within.clone(),
        stdin: Stdin::Null,
        sent: None,
        on_disconnect: crate::command::OnDisconnect::End,
        echo: String::new(),
        cancel: tokio_util::sync::CancellationToken::new(),
    }
}

/// How a shell ended that could not report, from the exit code of what stood for it here. What leads into a
/// container passes a signal on as 128 and its number.
pub(super) fn died(request: &Request, code: u8) -> Status {
    match code {
        129..=192 if !request.within.is_empty() => Status::Signal(i32::from(code) - 128),
        _ => Status::Code(code),
    }
}

/// Drops all output.
pub(super) struct Discard;

impl Sink for Discard {
    fn stdout(&mut self, _: &[u8]) {}
    fn stderr(&mut self, _: &[u8]) {}
}
