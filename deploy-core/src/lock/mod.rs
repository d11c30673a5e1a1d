//! The deploy lock: a host is deployed to by one run at a time.
//!
//! Owns where the lock is on a host, who holds it, and how several hosts are locked at once. Knows no nodes: an action is some words here, and
//! which actions take the lock is decided above.

mod held;
mod holder;
mod look;
mod script;
mod take;

use crate::env::{Env, Mode};
use crate::event::EventKind;
use crate::hosts::{Host, Hosts, bounded};
use crate::{Error, Result};

pub(crate) use held::Locks;
pub(crate) use holder::Found;
pub use holder::Holder;
pub(crate) use look::{free, look};

/// Hosts that no other run can lock until this one frees them.
///
/// [`release`](Self::release) frees them and says when that fails. One that is dropped, by a `?` before that for instance, frees them
/// as well, in a task of its own, because it takes a round trip to each host; what goes wrong then is a note in the report. A program
/// that ends before that task does ends it, so whoever drops one waits for [`Env::finish`], which frees all that is still locked;
/// the command line calls it however a run ends. After SIGKILL or a power failure a lock stays, `<node> lock status` shows whose it
/// is, and `<node> lock release` frees it.
#[must_use = "the hosts are locked only as long as this lives"]
#[derive(Debug)]
pub struct Lock {
    env: Env,
    hosts: Vec<Host>,
}

impl Lock {
    /// The hosts, in the order of their names; without those that were not reached.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Frees the hosts, unless another lock of the same run holds them too. Does so in a run that has been cancelled as well.
    ///
    /// # Errors
    /// When a host could not be freed; it is tried once more at the end of the run.
    pub async fn release(mut self) -> Result {
        let hosts = self.give_back(|_| true).await?;
        let hosts: Vec<_> = hosts.iter().map(|host| host.name().to_owned()).collect();
        if !hosts.is_empty() {
            self.env.emit(EventKind::Unlocked { hosts });
        }
        Ok(())
    }

    /// Frees those of the hosts for which `which` holds.
    async fn give_back(&mut self, which: impl Fn(&Host) -> bool) -> Result<Vec<Host>> {
        let (given, kept) = std::mem::take(&mut self.hosts).into_iter().partition(|it| which(it));
        self.hosts = kept;
        let given: Vec<Host> = given;
        let work = given.iter().map(|host| self.env.locks().let_go(host)).collect::<Vec<_>>();
        let results = bounded(self.env.parallelism(), work).await;
        let errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        if errors.is_empty() { Ok(given) } else { Err(Error::several(errors)) }
    }
}

/// Frees what [`Lock::release`] has not.
impl Drop for Lock {
    fn drop(&mut self) {
        let hosts = std::mem::take(&mut self.hosts);
        // Without a runtime, which is when it ends, nothing can be done here that `Env::finish` does not do.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if hosts.is_empty() {
            return;
        }
        let env = self.env.clone();
        runtime.spawn(async move {
            let work = hosts.iter().map(|host| env.locks().let_go(host)).collect::<Vec<_>>();
            for (host, result) in hosts.iter().zip(bounded(env.parallelism(), work).await) {
                if let Err(error) = result {
                    let text = format!("the deploy lock was not freed: {error}");
                    env.emit(EventKind::Note { host: Some(host.name().to_owned()), text });
                }
            }
        });
    }
}

impl Hosts {
    /// Locks these hosts against other deployments, all or none, in one round trip when nobody holds one; `what` tells others what is
    /// done with them. Hosts that this run has locked already stay locked until both locks are released. In a dry run nothing is
    /// locked. Hosts that are not reached are left out: what is done to them next fails anyway.
    ///
    /// ```
    /// # use deploy_core::prelude::*;
    /// # async fn f(hosts: Hosts) -> Result {
    /// let lock = hosts.lock("migrate the database").await?;
    /// let migrated = hosts.run("bin/migrate").await;
    /// lock.release().await?;
    /// migrated.map(drop)
    /// # }
    /// ```
    ///
    /// # Errors
    /// When another run holds one of them and does not free it within [`Env::lock_wait`]: names who, since when and for what.
    pub async fn lock(&self, what: impl AsRef<str>) -> Result<Lock> {
        let env = self.environment();
        let hosts: Vec<Host> = match env.current_mode() {
            Mode::Apply => self
                .iter()
                .filter(|host| env.selects(host.name()))
                .map(|host| host.without_context().in_env(&env.around()))
                .collect(),
            Mode::DryRun | Mode::Sandbox => Vec::new(),
        };
        if hosts.is_empty() {
            return Ok(Lock { env, hosts });
        }
        take::take(&env, hosts, what.as_ref()).await
    }
}

impl Host {
    /// Locks this host against other deployments; see [`Hosts::lock`].
    ///
    /// # Errors
    /// As [`Hosts::lock`].
    pub async fn lock(&self, what: impl AsRef<str>) -> Result<Lock> {
        Hosts::from(self.clone()).in_env(&self.environment()).lock(what).await
    }
}
