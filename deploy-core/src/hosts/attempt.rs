//! One attempt at a command: its request, what is told of it, and what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::limit::{self, Limits, Overrun};
use super::lines::Lines;
use super::meter::Meter;
use super::reach::{Tries, connect, transport_error, unlock};
use super::run::not_attempted;
use super::terminal::{Person, Responders, nobody};
use super::{Host, failure};
use crate::command::{Cmd, Echo, OnTerminal, Output, Redactor, Status};
use crate::env::Env;
use crate::error::{ErrorKind, Unreachable};
use crate::event::{EventKind, Outcome};
use crate::privilege::Claim;
use crate::transport::{Connection, Request, TransportError};
use crate::{Error, Result};

/// How many lines of standard error an error shows.
const STDERR_LINES: usize = 12;

/// How much of these lines, should they be long.
const STDERR_BYTES: usize = 8 << 10;

/// Runs a command once.
pub(super) async fn once(host: &Host, env: &Env, cmd: &Cmd) -> Result<Output> {
    let redactor = env.secrets().redactor(host.context().secrets(cmd));
    let mut request = request(host, env, cmd, &redactor)?;
    let on_persons_terminal = matches!(cmd.terminal, OnTerminal::Person);
    // A connector of a test has no terminals, and shows what it is asked to nobody.
    if on_persons_terminal
        && env.pool().connector().is_none()
        && let Some(error) = nobody(env)
    {
        return Err(error);
    }
    let slot = env.slots().acquire().await;
    // While it waited, another host may have failed, and time went by.
    if let Some(reason) = failure::stopped(env, host.name()).or_else(|| limit::run_is_over(env)) {
        return Err(not_attempted(host, reason));
    }
    let mut tries = Tries::default();
    let connection = connect(host, env, &mut tries).await?;

    let id = env.next_command();
    let shown = cmd.echo == Echo::Shown;
    env.emit(EventKind::CommandStarted {
        id,
        host: host.name().to_owned(),
        command: request.echo.clone(),
        quiet: !shown,
    });
    if let Some(total) = request.stdin.len() {
        let meter = Meter::new(env, id, host.name(), Some(total));
        request.sent = Some(Arc::new(move |done| meter.at(done)));
    }
    // What a person's terminal shows has been seen, and is no lines.
    let in_lines = shown && !on_persons_terminal;
    let mut lines = Lines::new(env, id, host.name(), in_lines, cmd.on_stdout.clone(), &redactor);
    let carry = Carry {
        env,
        connection: &*connection,
        terminal: &cmd.terminal,
        limits: Limits::new(host, env, cmd),
    };
    let mut ended = carry.out(&request, &mut lines).await;
    while let Some(reason) = ended.not_begun()
        && tries.again(host, env, reason).await
    {
        ended = carry.out(&request, &mut lines).await;
    }
    let mut locked = None;
    if ended.wants_password() {
        // Others may go on while a person thinks about a password.
        drop(slot);
        match unlock(host, env, &*connection, &request, &cmd.terminal).await {
            Ok(password) => {
                let _slot = env.slots().acquire().await;
                request.password = Some(password);
                // Nothing of it has run so far, and finding a password is not the command's time.
                ended = carry.out(&request, &mut lines).await;
            }
            Err(error) => locked = Some(error),
        }
    }
    lines.flush();
    env.emit(EventKind::CommandFinished {
        id,
        host: host.name().to_owned(),
        command: request.echo.clone(),
        outcome: ended.outcome(cmd),
        elapsed: ended.elapsed,
    });
    match locked {
        Some(error) => Err(error),
        None => ended.result(host, env, cmd, &request, lines),
    }
}

/// What the transport is asked to run.
fn request(host: &Host, env: &Env, cmd: &Cmd, redactor: &Redactor) -> Result<Request> {
    let context = host.context();
    let elevation = host.spec().elevation.unwrap_or(env.default_elevation());
    let request = Request {
        script: context.script(cmd),
        user: context.user.clone(),
        elevation,
        password: env.privileges().password(&Claim::new(host.spec(), &context.user, elevation)),
        login_shell: context.login_shell,
        within: Vec::new(),
        stdin: cmd.stdin.clone(),
        sent: None,
        on_disconnect: cmd.on_disconnect,
        echo: redactor.text(context.echo(cmd)),
        cancel: env.ending().child_token(),
    };
    if request.script.contains(&0) {
        return Err(host.error(format!(
            "`{}` holds a NUL byte, which no program can be passed",
            request.echo
        )));
    }
    if let Some(name) = context.bad_env_name() {
        return Err(host.error(format!(
            "`{name}` is no name of an environment variable: it is letters, digits and `_`, and begins with no digit"
        )));
    }
    if let Some(mistake) = cmd.mistake_about_terminal() {
        return Err(host.error(format!("`{}`: {mistake}", request.echo)));
    }
    Ok(request)
}

/// How a request is carried out.
struct Carry<'a> {
    env: &'a Env,
    connection: &'a dyn Connection,
    terminal: &'a OnTerminal,
    limits: Limits,
}

impl Carry<'_> {
    /// Runs the request; ends it when a limit is reached.
    async fn out(&self, request: &Request, lines: &mut Lines<'_>) -> Ended {
        let started = Instant::now();
        let (heard, connection) = (lines.heard(), self.connection);
        let (status, overrun) = match self.terminal {
            OnTerminal::No => {
                self.limits.watch(request, &heard, connection.exec(request, lines)).await
            }
            OnTerminal::Responders(responders) => {
                let mut near = Responders::new(responders, lines);
                let running = connection.interact(request, &mut near);
                let (status, overrun) = self.limits.watch(request, &heard, running).await;
                // What is shown last may come together with the end, and then nobody was asked any more.
                (status.and_then(|status| near.verdict(status)), overrun)
            }
            OnTerminal::Person => {
                let mut near = Person::new(self.env, lines);
                let running = connection.interact(request, &mut near);
                let ended = self.limits.watch(request, &heard, running).await;
                if ended.0.is_err() {
                    near.tidy().await;
                }
                ended
            }
        };
        Ended { status, overrun, elapsed: started.elapsed() }
    }
}

/// How an attempt ended.
struct Ended {
    status: Result<Status, TransportError>,
    overrun: Option<Overrun>,
    elapsed: Duration,
}

impl Ended {
    /// Why there was no connection any more when it was to begin.
    fn not_begun(&self) -> Option<Unreachable> {
        match self.status {
            Err(TransportError::NotBegun { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    fn wants_password(&self) -> bool {
        self.overrun.is_none() && matches!(self.status, Err(TransportError::PasswordNeeded { .. }))
    }

    fn outcome(&self, cmd: &Cmd) -> Outcome {
        match &self.status {
            _ if self.overrun.is_some() => Outcome::TimedOut,
            Ok(status) if accepts(cmd, *status) => Outcome::Ok(*status),
            Ok(status) => Outcome::Failed(*status),
            Err(TransportError::Cancelled { .. }) => Outcome::Cancelled,
            // That is what sudo and its like say of it.
            Err(TransportError::PasswordNeeded { .. } | TransportError::PasswordRefused { .. }) => {
                Outcome::Failed(Status::Code(1))
            }
            // SIGHUP is what its terminal ended it by.
            Err(TransportError::Ended { .. }) => Outcome::Failed(Status::Signal(1)),
            Err(_) => Outcome::Lost,
        }
    }

    fn result(
        self,
        host: &Host,
        env: &Env,
        cmd: &Cmd,
        request: &Request,
        mut lines: Lines<'_>,
    ) -> Result<Output> {
        if let Some(overrun) = self.overrun {
            return Err(overrun.error(host, request, self.status));
        }
        match self.status {
            Ok(status) => {
                let output = Output {
                    status,
                    stdout: lines.stdout.finish(),
                    stderr: lines.stderr.finish(),
                    elapsed: self.elapsed,
                    truncated: lines.stdout.truncated || lines.stderr.truncated,
                };
                if accepts(cmd, status) {
                    return Ok(output);
                }
                Err(Error::new(ErrorKind::Command {
                    host: host.name().to_owned(),
                    command: request.echo.clone(),
                    status,
                    stderr: match cmd.terminal {
                        OnTerminal::No => tail(&output.stderr, lines.redactor()),
                        OnTerminal::Responders(_) => tail(&output.stdout, lines.redactor()),
                        OnTerminal::Person => String::new(),
                    },
                }))
            }
            Err(error) => {
                // A user that does not exist and a command that was ended say nothing against the connection.
                if matches!(
                    error,
                    TransportError::Unreachable { .. } | TransportError::NotBegun { .. }
                ) {
                    env.pool().forget(host.spec());
                }
                if matches!(error, TransportError::PasswordRefused { .. }) {
                    let claim = Claim::new(host.spec(), &request.user, request.elevation);
                    env.privileges().refused(&claim);
                }
                let error = match without_secrets(error, lines.redactor()) {
                    TransportError::Ended { message } => TransportError::Ended {
                        message: format!("`{}` was ended: {message}", request.echo),
                    },
                    error => error,
                };
                Err(transport_error(host, env, error))
            }
        }
    }
}

fn accepts(cmd: &Cmd, status: Status) -> bool {
    matches!(status, Status::Code(code) if cmd.ok_codes.contains(&code))
}

/// What a host said when it did not do as it was asked may hold a part of what it was asked.
fn without_secrets(error: TransportError, redactor: &Redactor) -> TransportError {
    match error {
        TransportError::Unreachable { reason, detail } => {
            TransportError::Unreachable { reason, detail: redactor.text(detail) }
        }
        TransportError::NotBegun { reason, detail } => {
            TransportError::NotBegun { reason, detail: redactor.text(detail) }
        }
        TransportError::Cancelled { detail } => {
            TransportError::Cancelled { detail: redactor.text(detail) }
        }
        TransportError::Failed { message } => {
            TransportError::Failed { message: redactor.text(message) }
        }
        TransportError::Ended { message } => {
            TransportError::Ended { message: redactor.text(message) }
        }
        about_passwords => about_passwords,
    }
}

/// The last lines of a stream.
fn tail(bytes: &[u8], redactor: &Redactor) -> String {
    let bytes = redactor.bytes(bytes);
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(STDERR_BYTES)..]);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(STDERR_LINES)..].join("\n")
}
