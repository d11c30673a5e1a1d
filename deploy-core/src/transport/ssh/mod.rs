//! `ssh`: hosts through the user's own OpenSSH client.
//!
//! One *master* per host ([`master`]) does the handshake, so that ssh_config, agents, jump hosts and host keys are OpenSSH's
//! business; every command after that is a channel that is asked for over the master's socket ([`channel`]): no process,
//! no handshake. Masters outlive the program. Knows scripts as bytes and nothing of why they run.

mod channel;
mod classify;
mod control;
mod master;
mod options;
mod terminate;

use std::sync::Arc;

use async_trait::async_trait;

use self::channel::{Broken, Channels};
use super::drive::{Discard, End, end_group, not_started};
use super::{
    ConnectSettings, Connection, Connector, Lead, Request, Sink, TransportError, bootstrap,
};
use crate::command::Status;
use crate::error::Unreachable;
use crate::host::HostSpec;

struct Ssh;

crate::register_connector!("ssh", || Arc::new(Ssh));

#[async_trait]
impl Connector for Ssh {
    async fn connect(
        &self,
        host: &HostSpec,
        settings: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        let master = master::Master::new(host, settings)?;
        let attached = master.attach(master.limit()).await?;
        Ok(Arc::new(SshConnection {
            reused: attached.reused,
            channels: Channels::new(master, attached),
        }))
    }
}

/// A host behind a live master.
struct SshConnection {
    reused: bool,
    channels: Channels,
}

#[async_trait]
impl Connection for SshConnection {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        let lost = |when: &str| {
            TransportError::unreachable(Unreachable::Lost, format!("the connection broke {when}"))
        };
        let (end, broken) = self.channels.run(request, sink).await?;
        match (end, broken) {
            (End::Status { status, .. }, _) => Ok(status),
            (End::Input(message), _) => Err(TransportError::Failed { message }),
            (_, Broken::Connection) if request.cancel.is_cancelled() => {
                Err(TransportError::Cancelled {
                    detail: "the connection broke meanwhile, so its end is not confirmed"
                        .to_owned(),
                })
            }
            (End::NotStarted(_), Broken::Connection) => Err(lost("before the command started")),
            (_, Broken::Connection) => Err(lost("while the command ran")),
            (End::NotStarted(said), _) => Err(not_started(request, &said)),
            (End::Broken, Broken::Shell(status)) => Ok(status),
            (End::Broken, Broken::No) => Ok(Status::Signal(9)),
            (End::Cancelled, _) => Err(TransportError::Cancelled { detail: String::new() }),
            (End::Deaf(group), _) => {
                let detail = match group {
                    Some(group) => self.end_group(request, group).await,
                    None => "it was not confirmed that it did not start".to_owned(),
                };
                Err(TransportError::Cancelled { detail })
            }
        }
    }

    async fn terminal(&self, words: Vec<String>) -> Result<Lead, TransportError> {
        let line = bootstrap::command_line(&words)?;
        Ok(Lead::through(self.channels.terminal(&line).await?))
    }

    fn reused(&self) -> bool {
        self.reused
    }

    async fn close(&self) {
        self.channels.close().await;
    }

    async fn abandon(&self) {
        self.channels.abandon().await;
    }
}

impl SshConnection {
    /// Ends what does not listen over a second channel. Says what may still run.
    async fn end_group(&self, request: &Request, group: i32) -> String {
        let request = end_group(request, group);
        match self.channels.run(&request, &mut Discard).await {
            Ok((End::Status { status, .. }, _)) if status.success() => String::new(),
            _ => format!("its process group {group} may still run there"),
        }
    }
}
