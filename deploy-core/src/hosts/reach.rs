//! What comes before a command on a host: the connection, and the password that sudo or what is in its place wants there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::Host;
use crate::command::{OnDisconnect, OnTerminal, Stdin};
use crate::env::Env;
use crate::error::Unreachable;
use crate::event::EventKind;
use crate::privilege::Claim;
use crate::transport::{
    Connection, Happening, Near, Request, Setup, Sink, Size, SudoPassword, TransportError,
};
use crate::{Error, Result};

/// The connection to `host`, tried again after transport errors as the settings say.
pub(super) async fn connect(
    host: &Host,
    env: &Env,
    tries: &mut Tries,
) -> Result<Arc<dyn Connection>> {
    let name = host.name();
    loop {
        let result = tokio::select! {
            biased;
            () = env.ending().cancelled_owned() => Err(TransportError::Cancelled { detail: String::new() }),
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
                if tries.again(host, env, reason).await => {}
            Err(error) => return Err(transport_error(host, env, error)),
        }
    }
}

/// How often one command has tried to get a connection, a kept one that turned out to be gone included.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Whether to try once more after a failure, for which it waits first.
    pub(super) async fn again(&mut self, host: &Host, env: &Env, reason: Unreachable) -> bool {
        if self.0 >= env.pool().settings().retries || !worth_retrying(reason) {
            return false;
        }
        self.0 += 1;
        tokio::select! {
            () = tokio::time::sleep(back_off(self.0, host.name())) => true,
            () = env.ending().cancelled_owned() => true,
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

/// Finds the password that sudo, or what is in its place, wants there. What tries it leaves a shell behind for a command without a terminal.
pub(super) async fn unlock(
    host: &Host,
    env: &Env,
    connection: &dyn Connection,
    request: &Request,
    terminal: &OnTerminal,
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
        Box::pin(async move {
            let tried = match terminal {
                OnTerminal::No => connection.exec(&trial, &mut Unheard).await,
                OnTerminal::Person | OnTerminal::Responders(_) => {
                    connection.interact(&trial, &mut Unheard).await
                }
            };
            tried.map(drop)
        })
    };
    let claim = Claim::new(host.spec(), &request.user, request.elevation);
    env.privileges().unlock(env, &claim, &attempt).await
}

/// Takes the output of what prints nothing, and types nothing.
struct Unheard;

#[async_trait]
impl Near for Unheard {
    async fn setup(&mut self) -> Result<Setup, TransportError> {
        Ok(Setup::new(Size { rows: 24, columns: 80 }))
    }

    async fn shows(&mut self, _: &[u8]) {}

    async fn next(&mut self) -> Happening {
        std::future::pending().await
    }
}

impl Sink for Unheard {
    fn stdout(&mut self, _: &[u8]) {}
    fn stderr(&mut self, _: &[u8]) {}
}

/// The error for whoever ran something there; a host that is not reached is told at once.
pub(super) fn transport_error(host: &Host, env: &Env, error: TransportError) -> Error {
    if let TransportError::Unreachable { reason, detail }
    | TransportError::NotBegun { reason, detail } = &error
    {
        let (reason, detail) = (*reason, detail.clone());
        env.emit(EventKind::Unreachable { host: host.name().to_owned(), reason, detail });
    }
    error.of_host(host.name())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::back_off;

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
}
