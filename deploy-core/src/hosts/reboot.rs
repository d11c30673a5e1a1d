//! `reboot`: restarts a host and waits until it is back.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::{Host, Hosts, PerHost};
use crate::command::{Cmd, OnDisconnect};
use crate::env::{Env, Mode};
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::{Error, Result};

/// What is another after each boot: Linux has a number for it, others the time of the boot.
const BOOT_ID: &str = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null || who -b";

/// Reboots from a session of its own, a moment after its shell has said that it is done, so that what ends with the connection does not
/// end this.
const REBOOT: &str = r#"run='sleep 1; PATH=$PATH:/sbin:/usr/sbin; systemctl reboot || shutdown -r now || reboot'
if command -v setsid >/dev/null 2>&1; then setsid sh -c "$run" </dev/null >/dev/null 2>&1 &
else nohup sh -c "$run" </dev/null >/dev/null 2>&1 & fi"#;

/// How long to wait before each look.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a look may take: a host that goes down may have stopped answering.
const LOOK: Duration = Duration::from_secs(10);

impl Host {
    /// Reboots the host as root and waits until it is back: until it answers and has booted since. Connections to it are made anew, and
    /// nothing that was known of it is. In a dry run the reboot is shown and nothing is waited for.
    ///
    /// Cancelling the run ends the waiting, not the reboot.
    ///
    /// # Errors
    /// When the reboot cannot be started, and when the host is not back within `limit`: with what it last said.
    pub fn reboot(&self, limit: Duration) -> BoxFuture<'static, Result> {
        let host = self.without_context();
        Box::pin(async move { reboot(&host, limit).await })
    }
}

impl Hosts {
    /// Reboots the hosts as [`Host::reboot`] does, as many at once as the environment allows.
    ///
    /// # Errors
    /// When any host could not be rebooted or is not back: one error that names every one.
    pub async fn reboot(&self, limit: Duration) -> Result<PerHost<()>> {
        self.each(async |host: Host| host.reboot(limit).await).await.all_ok()
    }
}

async fn reboot(host: &Host, limit: Duration) -> Result {
    let env = host.environment();
    let before = boot_id(host).await?;
    let cmd =
        Cmd::new().lit(REBOOT).described_as("reboot").on_disconnect(OnDisconnect::KeepRunning);
    host.sudo().run(cmd).await?;
    if env.current_mode() != Mode::Apply {
        return Ok(());
    }
    let note = |text: &str| {
        let host = Some(host.name().to_owned());
        env.emit(EventKind::Note { host, text: text.to_owned() });
    };
    note("reboots");
    let back = wait(host, &env, &before, limit).await;
    env.facts().forget(host.name());
    back.inspect(|()| note("is back"))
}

/// Looks again and again, each time by a connection of its own, until the host has booted anew.
async fn wait(host: &Host, env: &Env, before: &str, limit: Duration) -> Result {
    // That it is not reached meanwhile is no news.
    let unseen = env.around().unseen();
    let looking = host.in_env(&unseen);
    let deadline = Instant::now() + limit;
    loop {
        env.pool().abandon(host.spec()).await;
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = env.ending().cancelled_owned() => {
                let detail = "while it waited for the host to be back".to_owned();
                let host = Some(host.name().to_owned());
                return Err(Error::new(ErrorKind::Cancelled { host, detail }));
            }
        }
        let last = match tokio::time::timeout(LOOK, boot_id(&looking)).await {
            Ok(Ok(now)) if now != before => return Ok(()),
            Ok(Ok(_)) => "it has not gone down".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it did not answer".to_owned(),
        };
        if Instant::now() >= deadline {
            env.pool().abandon(host.spec()).await;
            return Err(host.error(format!("not back {limit:?} after its reboot: {last}")));
        }
    }
}

async fn boot_id(host: &Host) -> Result<String> {
    let output =
        host.probe(Cmd::new().lit(BOOT_ID).described_as("look when it has booted")).await?;
    Ok(output.stdout_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::Unreachable;
    use crate::command::Status;
    use crate::host::HostSpec;
    use crate::transport::{ConnectSettings, Connection, Connector, Request, Sink, TransportError};

    /// A machine that is away for some attempts after each reboot.
    #[derive(Clone, Default)]
    struct Machine(Arc<State>);

    #[derive(Default)]
    struct State {
        boots: AtomicU32,
        away: AtomicU32,
        connections: AtomicU32,
        /// Whether it does not do as it is told.
        stubborn: bool,
    }

    impl Machine {
        fn host(&self) -> Host {
            Host::ssh("web1").in_env(&Env::quiet().connector(Arc::new(self.clone())))
        }
    }

    #[async_trait]
    impl Connector for Machine {
        async fn connect(
            &self,
            _: &HostSpec,
            _: &ConnectSettings,
        ) -> Result<Arc<dyn Connection>, TransportError> {
            let away = self.0.away.load(Ordering::Relaxed);
            if away > 0 {
                self.0.away.store(away - 1, Ordering::Relaxed);
                return Err(TransportError::unreachable(Unreachable::Refused, ""));
            }
            self.0.connections.fetch_add(1, Ordering::Relaxed);
            Ok(Arc::new(self.clone()))
        }
    }

    #[async_trait]
    impl Connection for Machine {
        async fn exec(
            &self,
            request: &Request,
            sink: &mut dyn Sink,
        ) -> Result<Status, TransportError> {
            if request.echo.ends_with("reboot") {
                if !self.0.stubborn {
                    self.0.boots.fetch_add(1, Ordering::Relaxed);
                    self.0.away.store(2, Ordering::Relaxed);
                }
            } else {
                sink.stdout(format!("{}\n", self.0.boots.load(Ordering::Relaxed)).as_bytes());
            }
            Ok(Status::Code(0))
        }
    }

    #[tokio::test]
    async fn a_host_is_back_when_it_has_booted_anew() {
        let machine = Machine::default();
        machine.host().reboot(Duration::from_secs(60)).await.unwrap();
        assert_eq!(machine.0.boots.load(Ordering::Relaxed), 1);
        assert_eq!(machine.0.connections.load(Ordering::Relaxed), 2, "the old one serves no more");
    }

    #[tokio::test]
    async fn a_host_that_is_not_back_in_time_is_an_error_that_says_why() {
        let stubborn = Machine(Arc::new(State { stubborn: true, ..State::default() }));
        let error = stubborn.host().reboot(Duration::ZERO).await.unwrap_err().to_string();
        assert!(
            error.contains("web1: not back") && error.contains("it has not gone down"),
            "{error}"
        );
        let machine = Machine::default();
        let error = machine.host().reboot(Duration::ZERO).await.unwrap_err().to_string();
        assert!(error.contains("web1: not back") && error.contains("refused"), "{error}");
    }

    #[tokio::test]
    async fn a_dry_run_reboots_nothing() {
        let machine = Machine::default();
        let host = machine.host();
        let env = host.environment().dry_run();
        host.in_env(&env).reboot(Duration::from_secs(60)).await.unwrap();
        assert_eq!(machine.0.boots.load(Ordering::Relaxed), 0);
        assert!(env.would_change());
    }
}
