//! One command on one host: mode, time limit, retries, cancellation, and what is told of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::Host;
use super::failure::{self, Next};
use super::lines::Lines;
use super::meter::Meter;
use super::terminal::{Person, Responders, nobody};
use crate::audit::Audit;
use crate::command::{
    Cmd, Echo, Effect, OnDisconnect, OnTerminal, Output, Redactor, Secret, Status, Stdin,
};
use crate::env::{Env, Mode};
use crate::error::{ErrorKind, Unreachable};
use crate::event::{EventKind, Outcome};
use crate::transport::{Connection, Request, Sink, SudoPassword, TransportError};
use crate::{Error, Result};

/// How many lines of standard error an error shows.
const STDERR_LINES: usize = 12;

/// How much of these lines, should they be long.
const STDERR_BYTES: usize = 8 << 10;

/// How long a cancelled command may take to be gone; transports need less.
const CANCEL_LIMIT: Duration = Duration::from_secs(8);

/// Runs a command as the environment's mode demands.
pub(super) async fn command(host: &Host, cmd: Cmd) -> Result<Output> {
    let env = host.environment();
    if !env.selects(host.name()) {
        return Err(not_attempted(host, "it was left out of this run".to_owned()));
    }
    if let Some(reason) = failure::stopped(&env, host.name()) {
        return Err(not_attempted(host, reason));
    }
    let cmd = match env.current_mode() {
        Mode::DryRun if cmd.effect == Effect::Changes => {
            env.emit(EventKind::WouldRun {
                host: host.name().to_owned(),
                command: host.context().redactor(&cmd).text(host.context().echo(&cmd)),
            });
            return Ok(Output::from_stdout(Vec::new()));
        }
        Mode::Sandbox => syntax_check(&cmd),
        _ => cmd,
    };
    loop {
        let error = match attempts(host, &env, &cmd).await {
            Err(error) => error,
            output => return output,
        };
        if failure::decide(host, &env, &cmd, &error).await? == Next::GiveUp {
            return Err(error);
        }
    }
}

fn not_attempted(host: &Host, reason: String) -> Error {
    Error::new(ErrorKind::NotAttempted { host: host.name().to_owned(), reason })
}

/// Runs a command as often as it says itself.
async fn attempts(host: &Host, env: &Env, cmd: &Cmd) -> Result<Output> {
    let mut attempt = 1;
    loop {
        let result = once(host, env, cmd).await;
        if cmd.effect == Effect::Changes {
            env.facts().altered(host.name());
            let was_there = !matches!(&result, Err(error) if matches!(error.kind(), ErrorKind::Unreachable { .. }));
            if was_there && !env.is_around() && env.current_audit() == Audit::On {
                env.may_have_changed(host);
            }
        }
        let again = attempt < cmd.retry.attempts()
            && matches!(&result, Err(error) if matches!(error.kind(), ErrorKind::Command { .. } | ErrorKind::TimedOut { .. }));
        if !again {
            return result;
        }
        attempt += 1;
        tokio::select! {
            () = tokio::time::sleep(cmd.retry.pause()) => {}
            () = env.cancellation().cancelled() => return result,
        }
    }
}

/// A command that lets the host's shell read `cmd` without running it.
fn syntax_check(cmd: &Cmd) -> Cmd {
    if !cmd.has_secret() {
        return Cmd::new().lit("sh -n -c ").words(cmd).read_only();
    }
    // An argument list is for everybody to see.
    let source = Stdin::Secret(Secret::new(cmd.source().into()));
    Cmd::new().lit("sh -n").stdin(source).described_as(format!("sh -n -c {cmd}")).read_only()
}

async fn once(host: &Host, env: &Env, cmd: &Cmd) -> Result<Output> {
    let context = host.context();
    let redactor = context.redactor(cmd);
    let mut request = Request {
        script: context.script(cmd),
        user: context.user.clone(),
        password: env.privileges().password(host.spec(), &context.user),
        login_shell: context.login_shell,
        within: Vec::new(),
        stdin: cmd.stdin.clone(),
        sent: None,
        on_disconnect: cmd.on_disconnect,
        echo: redactor.text(context.echo(cmd)),
        cancel: env.cancellation().child_token(),
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
    let on_persons_terminal = matches!(cmd.terminal, OnTerminal::Person);
    // A connector of a test has no terminals, and shows what it is asked to nobody.
    if on_persons_terminal
        && env.pool().connector().is_none()
        && let Some(error) = nobody(env)
    {
        return Err(error);
    }
    let _slot = env.slots().acquire().await;
    // While it waited, another host may have failed.
    if let Some(reason) = failure::stopped(env, host.name()) {
        return Err(not_attempted(host, reason));
    }
    let connection = connect(host, env).await?;

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
    let mut started = Instant::now();
    // A limit that is meant for every command is not for what a person does.
    let default_limit = env.default_timeout().filter(|_| !on_persons_terminal);
    let limit = cmd.timeout.or(context.timeout).or(default_limit);
    // What a person's terminal shows has been seen, and is no lines.
    let in_lines = shown && !on_persons_terminal;
    let mut lines = Lines::new(env, id, host.name(), in_lines, cmd.on_stdout.clone(), &redactor);
    let carry = Carry { env, connection: &*connection, terminal: &cmd.terminal, limit };
    let (mut status, mut timed_out) = carry.out(&request, &mut lines).await;
    let mut locked = None;
    if matches!(status, Err(TransportError::PasswordNeeded { .. })) && !timed_out {
        match unlock(host, env, &*connection, &request).await {
            Ok(password) => {
                request.password = Some(password);
                // Nothing of it has run so far, and thinking about a password is not the command's time.
                started = Instant::now();
                (status, timed_out) = carry.out(&request, &mut lines).await;
            }
            Err(error) => locked = Some(error),
        }
    }
    lines.flush();

    let output = status.as_ref().ok().map(|status| Output {
        status: *status,
        stdout: lines.stdout.finish(),
        stderr: lines.stderr.finish(),
        elapsed: started.elapsed(),
        truncated: lines.stdout.truncated || lines.stderr.truncated,
    });
    let accepted =
        |status: Status| matches!(status, Status::Code(code) if cmd.ok_codes.contains(&code));
    let outcome = match &status {
        _ if timed_out => Outcome::TimedOut,
        Ok(status) if accepted(*status) => Outcome::Ok(*status),
        Ok(status) => Outcome::Failed(*status),
        Err(TransportError::Cancelled { .. }) => Outcome::Cancelled,
        // That is what sudo says of it.
        Err(TransportError::PasswordNeeded { .. } | TransportError::PasswordRefused { .. }) => {
            Outcome::Failed(Status::Code(1))
        }
        // SIGHUP is what its terminal ended it by.
        Err(TransportError::Ended { .. }) => Outcome::Failed(Status::Signal(1)),
        Err(_) => Outcome::Lost,
    };
    env.emit(EventKind::CommandFinished {
        id,
        host: host.name().to_owned(),
        command: request.echo.clone(),
        outcome,
        elapsed: started.elapsed(),
    });

    if let Some(error) = locked {
        return Err(error);
    }
    match (status, output) {
        (status, _) if timed_out => Err(timed_out_error(host, &request, limit, status)),
        (Ok(status), Some(output)) if accepted(status) => Ok(output),
        (Ok(status), output) => Err(Error::new(ErrorKind::Command {
            host: host.name().to_owned(),
            command: request.echo,
            status,
            stderr: output.map_or_else(String::new, |output| match cmd.terminal {
                OnTerminal::No => tail(&output.stderr, &redactor),
                OnTerminal::Responders(_) => tail(&output.stdout, &redactor),
                OnTerminal::Person => String::new(),
            }),
        })),
        (Err(error), _) => {
            // A user that does not exist and a command that was ended say nothing against the connection.
            if matches!(error, TransportError::Unreachable { .. }) {
                env.pool().forget(host.spec());
            }
            if matches!(error, TransportError::PasswordRefused { .. }) {
                env.privileges().refused(host.spec(), &context.user);
            }
            let error = match without_secrets(error, &redactor) {
                TransportError::Ended { message } => TransportError::Ended {
                    message: format!("`{}` was ended: {message}", request.echo),
                },
                error => error,
            };
            Err(transport_error(host, env, error))
        }
    }
}

/// Finds the password that sudo wants there. What tries it leaves a shell behind for the command.
async fn unlock(
    host: &Host,
    env: &Env,
    connection: &dyn Connection,
    request: &Request,
) -> Result<SudoPassword> {
    let attempt = |password: SudoPassword| -> BoxFuture<'_, Result<(), TransportError>> {
        let trial = Request {
            script: b":\n".to_vec(),
            password: Some(password),
            login_shell: false,
            stdin: Stdin::Null,
            sent: None,
            on_disconnect: OnDisconnect::End,
            echo: String::new(),
            ..request.clone()
        };
        Box::pin(async move { connection.exec(&trial, &mut Unheard).await.map(drop) })
    };
    env.privileges().unlock(env, host.spec(), &host.context().user, &attempt).await
}

/// Takes the output of what prints nothing.
struct Unheard;

impl Sink for Unheard {
    fn stdout(&mut self, _: &[u8]) {}
    fn stderr(&mut self, _: &[u8]) {}
}

/// The connection to `host`, tried again after transport errors as the settings say.
async fn connect(host: &Host, env: &Env) -> Result<Arc<dyn Connection>> {
    let name = host.name();
    let mut attempt = 0;
    loop {
        let result = tokio::select! {
            biased;
            () = env.cancellation().cancelled() => Err(TransportError::Cancelled { detail: String::new() }),
            result = env.pool().get(host.spec(), || env.emit(EventKind::Connecting { host: name.to_owned() })) => result,
        };
        match result {
            Ok((connection, fresh)) => {
                if fresh {
                    env.emit(EventKind::Connected {
                        host: name.to_owned(),
                        reused: connection.reused(),
                    });
                }
                return Ok(connection);
            }
            Err(TransportError::Unreachable { reason, .. })
                if attempt < env.pool().settings().retries && worth_retrying(reason) =>
            {
                attempt += 1;
                tokio::select! {
                    () = tokio::time::sleep(back_off(attempt, name)) => {}
                    () = env.cancellation().cancelled() => {}
                }
            }
            Err(error) => return Err(transport_error(host, env, error)),
        }
    }
}

/// Whether trying to connect again can help; keys and names do not change by waiting.
fn worth_retrying(reason: Unreachable) -> bool {
    matches!(
        reason,
        Unreachable::Refused
            | Unreachable::TimedOut
            | Unreachable::NoRoute
            | Unreachable::Handshake
            | Unreachable::Lost
            | Unreachable::EngineDown
            | Unreachable::NotRunning
    )
}

/// Half a second, doubled each time up to eight, spread by the host's name so that a thousand hosts do not
/// come back in the same instant.
fn back_off(attempt: u32, name: &str) -> Duration {
    let base = Duration::from_millis(500) * 2_u32.pow(attempt.min(5) - 1);
    let spread =
        name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
            % 50;
    base.min(Duration::from_secs(8)) * (100 + spread) / 100
}

/// How a request is carried out.
struct Carry<'a> {
    env: &'a Env,
    connection: &'a dyn Connection,
    terminal: &'a OnTerminal,
    limit: Option<Duration>,
}

impl Carry<'_> {
    /// Runs the request; ends it when its time is over. Returns whether that was so.
    async fn out(
        &self,
        request: &Request,
        lines: &mut Lines<'_>,
    ) -> (Result<Status, TransportError>, bool) {
        let connection = self.connection;
        match self.terminal {
            OnTerminal::No => self.in_time(request, connection.exec(request, lines)).await,
            OnTerminal::Responders(responders) => {
                let mut near = Responders::new(responders, lines);
                self.in_time(request, connection.interact(request, &mut near)).await
            }
            OnTerminal::Person => {
                let mut near = Person::new(self.env, lines);
                let ended = self.in_time(request, connection.interact(request, &mut near)).await;
                if ended.0.is_err() {
                    near.tidy().await;
                }
                ended
            }
        }
    }

    async fn in_time(
        &self,
        request: &Request,
        mut running: BoxFuture<'_, Result<Status, TransportError>>,
    ) -> (Result<Status, TransportError>, bool) {
        let expired = async {
            match self.limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let timed_out = tokio::select! {
            biased;
            result = &mut running => return (result, false),
            () = expired => true,
            () = request.cancel.cancelled() => false,
        };
        request.cancel.cancel();
        let result = tokio::time::timeout(CANCEL_LIMIT, running).await.unwrap_or_else(|_| {
            Err(TransportError::Cancelled {
                detail: "it may still run there: the host did not confirm its end".to_owned(),
            })
        });
        (result, timed_out)
    }
}

fn timed_out_error(
    host: &Host,
    request: &Request,
    limit: Option<Duration>,
    status: Result<Status, TransportError>,
) -> Error {
    let command = match status {
        Err(TransportError::Cancelled { detail }) if !detail.is_empty() => {
            format!("{} ({detail})", request.echo)
        }
        _ => request.echo.clone(),
    };
    Error::new(ErrorKind::TimedOut {
        host: host.name().to_owned(),
        command,
        after: limit.unwrap_or_default(),
    })
}

fn transport_error(host: &Host, env: &Env, error: TransportError) -> Error {
    if let TransportError::Unreachable { reason, detail } = &error {
        let (reason, detail) = (*reason, detail.clone());
        env.emit(EventKind::Unreachable { host: host.name().to_owned(), reason, detail });
    }
    error.of_host(host.name())
}

/// What a host said when it did not do as it was asked may hold a part of what it was asked.
fn without_secrets(error: TransportError, redactor: &Redactor) -> TransportError {
    match error {
        TransportError::Unreachable { reason, detail } => {
            TransportError::Unreachable { reason, detail: redactor.text(detail) }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{back_off, syntax_check};
    use crate::command::{Cmd, Secret};

    #[test]
    fn waiting_doubles_has_an_end_and_is_spread_over_hosts() {
        let seconds = |attempt, n: u32| back_off(attempt, &format!("web{n}")).as_secs_f64();
        for (attempt, base) in [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (50, 8.0)] {
            let waits: Vec<f64> = (0..100).map(|n| seconds(attempt, n)).collect();
            assert!(waits.iter().all(|wait| (base..1.5 * base).contains(wait)), "{waits:?}");
        }
        let mut waits: Vec<Duration> = (0..100).map(|n| back_off(1, &format!("web{n}"))).collect();
        waits.sort();
        waits.dedup();
        assert!(waits.len() > 20, "{} moments for 100 hosts", waits.len());
    }

    #[test]
    fn a_syntax_check_puts_no_secret_in_an_argument_list() {
        let check = syntax_check(&Cmd::new().lit("login ").words(&Secret::new("hunter2")));
        assert_eq!(check.source(), b"sh -n");
        assert_eq!(check.to_string(), "sh -n -c login <secret>");
        assert_eq!(syntax_check(&Cmd::raw("a b")).to_string(), "sh -n -c 'a b'");
    }
}
