//! The hosts of a benchmark: sshd on many loopback addresses, a user for each, and what a client needs
//! to reach them.
//!
//! Not the lab: those hosts are machines of their own, these share one and cost nothing to have by the
//! dozen. Knows nothing of what is measured on them.

mod clients;
mod masters;
mod server;
mod users;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::interrupt::Interrupt;
use crate::command;
use crate::error::{Context, Result, failed};
use server::Servers;

/// The port of all daemons.
const PORT: u16 = 2222;

/// How clients agree on a session key, which is most of what a new connection costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kex {
    /// curve25519-sha256 alone.
    Fast,
    /// Whatever this OpenSSH does by default.
    Default,
}

/// What would have to be taken down if this process were killed now.
#[derive(Debug, Serialize, Deserialize)]
struct Leftovers {
    run: PathBuf,
    users: Vec<String>,
    daemons: Vec<u32>,
}

/// The running hosts; dropping it takes everything down.
#[derive(Debug)]
pub(super) struct Fleet {
    /// Keys and configurations, for our eyes only.
    etc: PathBuf,
    /// Homes and sockets, on a file system in memory where there is one: a short path that all users may enter.
    run: PathBuf,
    state: PathBuf,
    hosts: usize,
    servers: Servers,
}

impl Fleet {
    /// Starts `hosts` hosts, after whatever an earlier run could not take down is gone.
    pub(super) fn up(dir: &Path, hosts: usize, interrupt: &Interrupt) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Err(failed(
                "the bench gives every host a user of its own and so needs root; run it as root on a machine \
                 that may be changed",
            ));
        }
        if !(1..=2000).contains(&hosts) {
            return Err(failed("--hosts is a number from 1 to 2000"));
        }
        for program in ["ssh", "ssh-keygen", "useradd", "userdel"] {
            if !command::exists(program) {
                return Err(failed(format!("`{program}` is missing")));
            }
        }
        let state = dir.join("fleet.json");
        clear_leftovers(&state)?;
        let etc = dir.join("etc");
        if etc.exists() {
            fs::remove_dir_all(&etc).context(format_args!("remove {etc:?}"))?;
        }
        private_dir(&etc)?;
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory } else { Path::new("/var/tmp") };
        let run = parent.join(format!("deploy-bench-{}", std::process::id()));
        DirBuilder::new().mode(0o755).create(&run).context(format_args!("create {run:?}"))?;
        private_dir(&run.join("s/ansible"))?;

        let mut fleet = Self { etc, run, state, hosts, servers: Servers::default() };
        fleet.save()?;
        clients::write_keys(&fleet)?;
        users::add(&fleet, interrupt)?;
        for first in (1..=hosts).step_by(server::ADDRESSES) {
            let last = (first + server::ADDRESSES - 1).min(hosts);
            fleet.servers.start(&fleet.etc, &fleet.run, first..=last)?;
            fleet.save()?;
        }
        fleet.servers.wait_until_up(hosts, interrupt)?;
        clients::write_configs(&fleet)?;
        masters::start(&fleet)?;
        interrupt.check()?;
        Ok(fleet)
    }

    pub(super) fn hosts(&self) -> usize {
        self.hosts
    }

    /// The hosts' names, the first `count` of them.
    pub(super) fn names(&self, count: usize) -> impl Iterator<Item = String> + use<> {
        (1..=count.min(self.hosts)).map(|host| format!("h{host}"))
    }

    /// A pattern of the first `count` hosts, as pdsh, clush and ours understand it.
    pub(super) fn pattern(&self, count: usize) -> String {
        format!("h[1-{}]", count.min(self.hosts))
    }

    /// A client's configuration for new connections.
    pub(super) fn ssh_config(&self, kex: Kex) -> PathBuf {
        self.etc.join(match kex {
            Kex::Fast => "ssh_config",
            Kex::Default => "ssh_config.default",
        })
    }

    /// The same once more, to be touched: a configuration that has changed must not lead to connections that
    /// were made under the old one.
    pub(super) fn fresh_config(&self, kex: Kex) -> PathBuf {
        self.ssh_config(kex).with_added_extension("fresh")
    }

    /// A client's configuration that uses the masters, which run as long as the fleet does.
    pub(super) fn mux_config(&self) -> PathBuf {
        self.etc.join("ssh_config.mux")
    }

    /// Where the control sockets are: those of the masters as `m.NAME`, and in `ansible` its own.
    pub(super) fn sockets(&self) -> PathBuf {
        self.run.join("s")
    }

    /// A host's home directory, as seen from here.
    pub(super) fn home(&self, host: usize) -> PathBuf {
        self.run.join(format!("home/{host}"))
    }

    /// The private key that all hosts accept, and the file that names their keys.
    pub(super) fn key_and_known_hosts(&self) -> (PathBuf, PathBuf) {
        (self.etc.join("user_key"), self.etc.join("known_hosts"))
    }

    /// Address, port and user of a host.
    pub(super) fn destination(host: usize) -> (String, u16, String) {
        (address(host), PORT, users::name(host))
    }

    fn save(&self) -> Result<()> {
        let leftovers = Leftovers {
            run: self.run.clone(),
            users: (1..=self.hosts).map(users::name).collect(),
            daemons: self.servers.pids(),
        };
        let text = serde_json::to_string(&leftovers).context("write down the fleet")?;
        fs::write(&self.state, text).context(format_args!("write {:?}", self.state))
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        masters::stop(self);
        self.servers.stop();
        clear_leftovers(&self.state).unwrap_or_else(|error| eprintln!("warning: {error}"));
    }
}

/// Removes what a fleet left, whether it was ours or that of a run which was killed.
fn clear_leftovers(state: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(state) else { return Ok(()) };
    let leftovers: Leftovers =
        serde_json::from_str(&text).context(format_args!("read {state:?}"))?;
    server::end_daemons(&leftovers.daemons, state.parent().unwrap_or(state));
    users::remove(&leftovers.users, &leftovers.run)?;
    if leftovers.run.exists() {
        fs::remove_dir_all(&leftovers.run).context(format_args!("remove {:?}", leftovers.run))?;
    }
    fs::remove_file(state).context(format_args!("remove {state:?}"))
}

/// The loopback address of a host: 127.0.1.1 and up.
fn address(host: usize) -> String {
    format!("127.0.{}.{}", 1 + (host - 1) / 250, 1 + (host - 1) % 250)
}

fn private_dir(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o700).recursive(true).create(path).context(format_args!("create {path:?}"))
}

/// Writes a file that all users may read.
fn write_public(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o644)))
        .context(format_args!("write {path:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_distinct_and_of_this_machine() {
        assert_eq!(address(1), "127.0.1.1");
        assert_eq!(address(250), "127.0.1.250");
        assert_eq!(address(251), "127.0.2.1");
        let all: std::collections::HashSet<String> = (1..=2000).map(address).collect();
        assert_eq!(all.len(), 2000);
    }
}
