//! Facts: typed answers about a host, asked once in a run.
//!
//! Owns the model, the cache and the few facts that nearly every deployment asks for; knows hosts and no nodes. An
//! answer is kept in the environment of the run, apart for each user that it was asked as, and is dropped when a
//! command that may have altered it has run.

mod cache;
mod system;

use futures_util::future::BoxFuture;

pub(crate) use cache::FactCache;
pub use system::{Hostname, Kernel, OsRelease};

use crate::Result;
use crate::command::{Cmd, Output};
use crate::env::Mode;
use crate::hosts::{Host, Hosts, PerHost};

/// Something to know about a host.
///
/// ```
/// use deploy_core::fact::Fact;
/// use deploy_core::prelude::*;
///
/// /// How many processors there are.
/// struct Processors;
///
/// impl Fact for Processors {
///     type Value = u32;
///     const LASTS: bool = true;
///
///     fn script() -> Cmd {
///         Cmd::raw("getconf _NPROCESSORS_ONLN")
///     }
///     fn parse(output: &Output) -> Result<u32> {
///         Ok(output.stdout_str()?.parse()?)
///     }
/// }
/// # async fn f(host: Host) -> Result {
/// let jobs = host.fact::<Processors>().await?;
/// # Ok(()) }
/// ```
pub trait Fact: 'static {
    /// The answer.
    type Value: Clone + Send + Sync + 'static;

    /// Whether no command can alter the answer, such as the kernel's release. Other answers are dropped after
    /// every command that changes something.
    const LASTS: bool = false;

    /// A POSIX shell script that finds out and changes nothing.
    fn script() -> Cmd;

    /// The answer in what it printed.
    ///
    /// # Errors
    /// When that makes no sense.
    fn parse(output: &Output) -> Result<Self::Value>;
}

impl Host {
    /// A fact about this host; asked at most once in a run while nothing can have altered it.
    ///
    /// # Errors
    /// When the host cannot be asked, or what it answers makes no sense.
    pub fn fact<F: Fact>(&self) -> BoxFuture<'static, Result<F::Value>> {
        let host = self.clone();
        Box::pin(async move {
            let env = host.environment();
            if let Some(known) = env.facts().get::<F>(&host) {
                return Ok(known);
            }
            let asked = env.facts().epoch(host.name());
            let output = host.probe(F::script()).await?;
            let value = F::parse(&output).map_err(|error| host.error(error))?;
            if env.current_mode() != Mode::Sandbox {
                env.facts().keep::<F>(&host, asked, value.clone());
            }
            Ok(value)
        })
    }
}

impl Hosts {
    /// A fact about every host.
    ///
    /// # Errors
    /// When any host failed: one error that names every one.
    pub fn fact<F: Fact>(&self) -> BoxFuture<'static, Result<PerHost<F::Value>>> {
        let hosts = self.clone();
        Box::pin(async move { hosts.each(|host| host.fact::<F>()).await.all_ok() })
    }
}
