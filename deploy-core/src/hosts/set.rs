//! [`Hosts`]: an ordered set of hosts.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, StreamExt};

use super::{Host, PerHost};
use crate::Result;
use crate::command::{IntoCmd, Output, RemotePath, ToWords};
use crate::env::Env;
use crate::host::Pattern;

/// Hosts in declaration order, each once. What is done to it is done to every host, many at once.
///
/// ```
/// # use deploy_core::prelude::*;
/// let hosts = Hosts::parse("web[1-2],db1").unwrap();
/// assert_eq!(hosts.names(), ["web1", "web2", "db1"]);
/// ```
#[derive(Clone, Default)]
pub struct Hosts {
    hosts: Arc<Vec<Host>>,
    env: Option<Env>,
}

impl Hosts {
    /// Hosts of a pattern, to be run on quietly with connections of their own.
    ///
    /// # Errors
    /// A usage error when the pattern is wrong.
    pub fn parse(pattern: &str) -> Result<Self> {
        let hosts: Self =
            Pattern::parse(pattern)?.specs()?.into_iter().map(Host::from_spec).collect();
        Ok(hosts.in_env(&Env::quiet()))
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.hosts.iter().map(Host::name).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// The hosts, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Host> {
        self.hosts.iter()
    }

    /// The host of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name() == name)
    }

    /// These hosts and those others, each once.
    #[must_use]
    pub fn union(&self, others: &Self) -> Self {
        let all = self.iter().chain(others.iter()).cloned().collect::<Self>();
        Self { env: self.env.clone().or_else(|| others.env.clone()), ..all }
    }

    /// The hosts for which `keep` holds.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Host) -> bool) -> Self {
        self.map(|host| keep(host).then(|| host.clone()))
    }

    fn map(&self, change: impl Fn(&Host) -> Option<Host>) -> Self {
        Self {
            hosts: Arc::new(self.hosts.iter().filter_map(change).collect()),
            env: self.env.clone(),
        }
    }

    fn each_host(&self, change: impl Fn(&Host) -> Host) -> Self {
        self.map(|host| Some(change(host)))
    }

    /// The same hosts in an environment.
    #[must_use]
    pub fn in_env(&self, env: &Env) -> Self {
        Self { env: Some(env.clone()), ..self.each_host(|host| host.in_env(env)) }
    }

    /// Runs commands in this directory.
    #[must_use]
    pub fn cd(&self, path: impl Into<RemotePath>) -> Self {
        let path = path.into();
        self.each_host(|host| host.cd(path.clone()))
    }

    /// Sets an environment variable, also under sudo.
    #[must_use]
    pub fn env(&self, name: &str, value: impl ToWords) -> Self {
        self.each_host(|host| host.env(name, &value))
    }

    /// Runs this before each command, in the same shell.
    #[must_use]
    pub fn prefix(&self, cmd: impl IntoCmd) -> Self {
        let cmd = cmd.into_cmd();
        self.each_host(|host| host.prefix(&cmd))
    }

    /// Runs commands as root.
    #[must_use]
    pub fn sudo(&self) -> Self {
        self.each_host(Host::sudo)
    }

    /// Runs commands as this user.
    #[must_use]
    pub fn as_user(&self, user: impl Into<String>) -> Self {
        let user = user.into();
        self.each_host(|host| host.as_user(user.clone()))
    }

    /// Ends each command after this long.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        self.each_host(|host| host.timeout(limit))
    }

    /// Creates files with this mask.
    #[must_use]
    pub fn umask(&self, mask: u32) -> Self {
        self.each_host(|host| host.umask(mask))
    }

    /// Lets the shell read the user's login profile first.
    #[must_use]
    pub fn login_shell(&self) -> Self {
        self.each_host(Host::login_shell)
    }

    /// Works on at most `n` hosts at once.
    #[must_use]
    pub fn parallel(&self, n: usize) -> Self {
        self.in_env(&self.environment().parallel(n))
    }

    pub(crate) fn environment(&self) -> Env {
        self.env
            .clone()
            .or_else(|| self.hosts.first().map(Host::environment))
            .unwrap_or_else(Env::quiet)
    }

    /// Runs a command on every host and waits for all of them.
    ///
    /// # Errors
    /// When any host failed: one error that names every one.
    pub fn run(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<PerHost<Output>>> {
        let cmd = cmd.into_cmd();
        self.all(self.environment().parallelism(), move |host| host.run(&cmd))
    }

    /// Runs a command that only reads on every host; it really runs in a dry run.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn probe(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<PerHost<Output>>> {
        let cmd = cmd.into_cmd();
        self.all(self.environment().parallelism(), move |host| host.probe(&cmd))
    }

    /// Runs a command with our own terminal, on one host after the other. See [`Host::interactive`].
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn interactive(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<PerHost<Output>>> {
        let cmd = cmd.into_cmd();
        self.all(1, move |host| host.interactive(&cmd))
    }

    /// Opens a shell in our terminal, on one host after the other. See [`Host::shell`].
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn shell(&self) -> BoxFuture<'static, Result<PerHost<Output>>> {
        self.all(1, Host::shell)
    }

    fn all(
        &self,
        at_once: usize,
        run: impl Fn(&Host) -> BoxFuture<'static, Result<Output>> + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<PerHost<Output>>> {
        let (env, run) = (self.environment(), Arc::new(run));
        let runs: Vec<_> = self
            .going(&env)
            .map(|host| {
                let run = run.clone();
                async move {
                    let result = run(&host).await;
                    (host, result)
                }
            })
            .collect();
        Box::pin(async move {
            bounded(at_once, runs).await.into_iter().collect::<PerHost<_>>().all_ok()
        })
    }

    /// The hosts that commands go to, in this environment: not those that are left out. Where all have failed, they are told so.
    pub(crate) fn going(&self, env: &Env) -> impl Iterator<Item = Host> {
        let selected = || self.iter().filter(|host| env.selects(host.name()));
        let none_left = !selected().any(|host| env.goes_to(host.name()));
        selected()
            .filter(move |host| none_left || env.goes_to(host.name()))
            .map(|host| host.in_env(env))
    }

    /// Calls any async function for every host, as many at once as the environment allows, and never stops early.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # async fn f(hosts: Hosts) -> Result {
    /// let kernels = hosts.each(async |host: Host| {
    ///     Ok(host.probe("uname -r").await?.stdout_str()?.to_owned())
    /// }).await;
    /// # Ok(()) }
    /// ```
    #[must_use = "what failed is in it, host by host: `.all_ok()?` makes it an error"]
    pub async fn each<F, R, T>(&self, f: F) -> PerHost<Result<T>>
    where
        F: Fn(Host) -> R,
        R: Future<Output = Result<T>>,
    {
        let env = self.environment();
        let calls: Vec<_> = self
            .going(&env)
            .map(|host| {
                let call = f(host.clone());
                async move { (host, call.await) }
            })
            .collect();
        bounded(env.parallelism(), calls).await.into_iter().collect()
    }
}

/// Drives futures, at most `limit` at once, and gives their results in order.
pub(crate) async fn bounded<F: Future>(
    limit: usize,
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let gate = tokio::sync::Semaphore::new(limit.max(1));
    let gate = &gate;
    let running: FuturesOrdered<_> = futures
        .into_iter()
        .map(|future| async move {
            let _permit = gate.acquire().await;
            future.await
        })
        .collect();
    running.collect().await
}

/// Something that stands for hosts: a [`Host`], or [`Hosts`].
pub trait AsHosts {
    /// The hosts.
    fn as_hosts(&self) -> Hosts;
}

impl AsHosts for Hosts {
    fn as_hosts(&self) -> Hosts {
        self.clone()
    }
}

impl AsHosts for Host {
    fn as_hosts(&self) -> Hosts {
        Hosts::from(self.clone())
    }
}

impl From<Host> for Hosts {
    fn from(host: Host) -> Self {
        std::iter::once(host).collect()
    }
}

/// Keeps the first of two values for the same machine. Two machines under one name are both kept:
/// the later one is called by its port or user as well.
impl FromIterator<Host> for Hosts {
    fn from_iter<I: IntoIterator<Item = Host>>(iter: I) -> Self {
        let mut hosts: Vec<Host> = Vec::new();
        for host in iter {
            match hosts.iter().find(|known| known.name() == host.name()) {
                None => hosts.push(host),
                Some(known) if known.spec().same_machine(host.spec()) => {}
                Some(_) => {
                    let spec = host.spec();
                    let name = match (spec.port, &spec.user) {
                        (Some(port), _) => format!("{}:{port}", spec.name),
                        (None, Some(user)) => format!("{user}@{}", spec.name),
                        (None, None) => spec.name.clone(),
                    };
                    if hosts.iter().all(|known| known.name() != name) {
                        hosts.push(host.named(name));
                    }
                }
            }
        }
        Self { hosts: Arc::new(hosts), env: None }
    }
}

impl<'a> IntoIterator for &'a Hosts {
    type Item = &'a Host;
    type IntoIter = std::slice::Iter<'a, Host>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Hosts {
    type Item = Host;
    type IntoIter = std::vec::IntoIter<Host>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.hosts).into_iter()
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hosts").field(&self.names()).finish()
    }
}

impl std::fmt::Display for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_future_that_uses_each_can_be_spawned() {
        struct S {
            suffix: String,
        }
        impl S {
            async fn all(&self, hosts: Hosts) -> Result<usize> {
                let text = String::from("x");
                let names =
                    hosts.each(async |host: Host| Ok(format!("{host}{}{text}", self.suffix))).await;
                Ok(names.len())
            }
        }
        let s = S { suffix: "!".to_owned() };
        let count = tokio::spawn(async move { s.all(Hosts::parse("a,b").unwrap()).await })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(count, 2);
    }
}
