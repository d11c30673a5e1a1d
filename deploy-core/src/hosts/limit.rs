//! How long a command may take, how long it may print nothing, and how long the whole run may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::Host;
use crate::Error;
use crate::command::{Cmd, OnTerminal, Status, Stdin};
use crate::env::Env;
use crate::error::{ErrorKind, Limit};
use crate::transport::{Request, TransportError};

/// How long a cancelled command may take to be gone; transports need less.
const CANCEL_LIMIT: Duration = Duration::from_secs(8);

/// The limits of one command.
pub(super) struct Limits {
    total: Option<Duration>,
    silence: Option<Duration>,
    run: Option<(Instant, Duration)>,
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overrun {
    limit: Limit,
    after: Duration,
}

impl Limits {
    pub(super) fn new(host: &Host, env: &Env, cmd: &Cmd) -> Self {
        // Limits that are meant for every command are not for what a person does, and what reads a file from here has no
        // reason to say anything until it has all of it.
        let alone = !matches!(cmd.terminal, OnTerminal::Person);
        let talks = alone && matches!(cmd.stdin, Stdin::Null);
        let silence = cmd.idle_timeout.or_else(|| env.default_idle_timeout().filter(|_| talks));
        let default = env.default_timeout().filter(|_| alone);
        let total = cmd.timeout.or(host.context().timeout).or(default);
        Self { total, silence, run: env.run_deadline() }
    }

    /// Lets the request run; ends it when a limit is reached, and says which.
    pub(super) async fn watch(
        &self,
        request: &Request,
        heard: &Heard,
        mut running: BoxFuture<'_, Result<Status, TransportError>>,
    ) -> (Result<Status, TransportError>, Option<Overrun>) {
        let overrun = tokio::select! {
            biased;
            result = &mut running => return (result, None),
            overrun = self.reached(heard) => Some(overrun),
            () = request.cancel.cancelled() => None,
        };
        request.cancel.cancel();
        let result = tokio::time::timeout(CANCEL_LIMIT, running).await.unwrap_or_else(|_| {
            Err(TransportError::Cancelled {
                detail: "it may still run there: the host did not confirm its end".to_owned(),
            })
        });
        (result, overrun)
    }

    /// Returns when a limit is reached.
    async fn reached(&self, heard: &Heard) -> Overrun {
        let after = async |limit: Option<Duration>| match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        };
        let silence = async {
            let Some(limit) = self.silence else { return std::future::pending().await };
            loop {
                let until = heard.last() + limit;
                if until <= Instant::now() {
                    return limit;
                }
                sleep_until(until).await;
            }
        };
        let run = async {
            let Some((at, limit)) = self.run else { return std::future::pending().await };
            sleep_until(at).await;
            limit
        };
        tokio::select! {
            () = after(self.total) => {
                Overrun { limit: Limit::Command, after: self.total.unwrap_or_default() }
            }
            after = silence => Overrun { limit: Limit::Silence, after },
            after = run => Overrun { limit: Limit::Run, after },
        }
    }
}

impl Overrun {
    /// The error, with what the transport says of the command's end.
    pub(super) fn error(
        self,
        host: &Host,
        request: &Request,
        status: Result<Status, TransportError>,
    ) -> Error {
        let command = match status {
            Err(TransportError::Cancelled { detail }) if !detail.is_empty() => {
                format!("{} ({detail})", request.echo)
            }
            _ => request.echo.clone(),
        };
        let Self { limit, after } = self;
        Error::new(ErrorKind::TimedOut { host: host.name().to_owned(), command, limit, after })
    }
}

/// Why nothing may be begun any more, if the run has taken too long.
pub(super) fn run_is_over(env: &Env) -> Option<String> {
    let (at, limit) = env.run_deadline()?;
    (at <= Instant::now()).then(|| format!("the run's time limit of {limit:?} is over"))
}

/// When a command was heard last.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    begun: Instant,
    /// Milliseconds from then on.
    last: Arc<AtomicU64>,
}

impl Heard {
    pub(super) fn now() -> Self {
        Self { begun: Instant::now(), last: Arc::default() }
    }

    /// It is heard.
    pub(super) fn again(&self) {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.begun + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}
