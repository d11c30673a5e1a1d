//! The lab: real Linux hosts on one machine, made of namespaces, to deploy to.
//!
//! A lab host has its own address, files, processes, users and init, and is made in milliseconds without any image
//! or container engine. The recipe, top down:
//!
//! 1. [`setup`] installs the Debian packages that hosts share with the machine, and starts none of them.
//! 2. One *keeper* process ([`keeper`]) owns the lab's network namespace, which has a bridge and no way out, and a
//!    mount namespace with one tmpfs for the disks of all hosts. Nothing of this is visible to the rest of the
//!    machine, and all of it is gone with the process.
//! 3. A host is `unshare --net --mount --pid --uts --ipc --cgroup --fork --kill-child`, started inside the keeper's
//!    namespaces ([`boot`]) with a veth pair to the bridge ([`network`]).
//! 4. Its root is an overlay ([`root_fs`]): the machine's own `/` below, a directory on the keeper's tmpfs above. It has the
//!    machine's programs at once, and what it writes stays its own. `/home`, `/root`, `/tmp`, `/etc/systemd/system` and
//!    others start empty; `/dev`, `/run`, `/proc`, `/sys` are new mounts.
//! 5. Its `/etc` is written before boot ([`etc`], [`users`]), then process 1 starts: systemd, or sshd alone.
//! 6. `target/lab/` gets keys, `ssh_config`, `known_hosts`, `hosts.json` ([`keys`], [`ssh_config`], [`state`]). OpenSSH enters
//!    the lab through a `ProxyCommand` ([`pipe`]), so that nothing listens on the machine itself.
//! 7. All processes of a lab are in one cgroup ([`cgroup`]); `lab down` kills that, which works after any crash.
//!
//! `cargo xtask test` also builds sudo-rs, which Debian has no package of, for the test that puts it in place of sudo on two hosts.
//!
//! Names of cgroup and lab come from a hash of the workspace's path, so checkouts do not collide.
//!
//! Handshakes are counted in a host's `/var/log/sshd.log`, for example with
//! `cargo xtask lab exec web1 grep -c 'Accepted publickey' /var/log/sshd.log`.

mod boot;
mod cgroup;
mod disk;
mod down;
mod etc;
mod exec;
mod faults;
mod keeper;
mod keys;
mod list;
mod network;
mod pipe;
mod root_fs;
mod setup;
mod snapshot;
mod ssh_config;
mod state;
mod up;
mod users;

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub(crate) use setup::install;

/// `cargo xtask lab …`.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Install the Debian packages that lab hosts use; starts none of their services
    Setup,
    /// Start hosts; a host that crashed boots again with its disk as it was
    Up {
        /// What runs as process 1
        #[arg(long, value_enum, default_value_t = Init::Systemd)]
        init: Init,
        /// Give hosts that exist already an empty disk and boot them anew
        #[arg(long)]
        fresh: bool,
        /// Names of the hosts
        #[arg(required = true, value_parser = state::parse_name)]
        names: Vec<String>,
    },
    /// Stop all hosts and remove everything, whatever state it is in
    Down,
    /// Show the hosts
    List,
    /// Print what runs on the hosts and what they have written, as JSON
    Snapshot,
    /// Run a command as root in a host, without its network
    Exec {
        host: String,
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Take a host's network link down
    Cut { host: String },
    /// Take a host's network link up again
    Heal { host: String },
    /// Power a host off without any notice
    Crash { host: String },
    /// Add milliseconds to every round trip to a host; 0 takes it back
    Delay { host: String, ms: u64 },
    /// The process that owns the lab's namespaces
    #[command(hide = true)]
    Keeper { lab: PathBuf },
    /// The inside of a host's start
    #[command(hide = true)]
    Boot { plan: PathBuf },
    /// Copies between standard input and output and an address of the lab
    #[command(hide = true)]
    Pipe { lab: PathBuf, address: Ipv4Addr, port: u16 },
}

/// What runs as process 1 of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Init {
    /// systemd with journald, logind, dbus and ssh.service
    Systemd,
    /// sshd alone, up in milliseconds
    Sshd,
}

impl Init {
    fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Sshd => "sshd",
        }
    }
}

/// Runs one `lab` command.
pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Keeper { lab } => return keeper::run(&lab),
        Command::Boot { plan } => return boot::inside(&plan),
        Command::Pipe { lab, address, port } => return pipe::run(&lab, address, port),
        _ => {}
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Error::LabNotPossible(
            "it needs root, because its hosts have users of their own; run it as root".into(),
        ));
    }
    let paths = state::Paths::of_workspace()?;
    let _lock = match command {
        // A command inside a host may take long, and listing changes nothing.
        Command::Exec { .. } | Command::List | Command::Snapshot => None,
        _ => Some(paths.lock()?),
    };
    match command {
        Command::Setup => setup::run(),
        Command::Up { init, fresh, names } => up::run(&paths, init, fresh, &names),
        Command::Down => down::run(&paths),
        Command::List => list::run(&paths),
        Command::Snapshot => snapshot::run(&paths),
        Command::Exec { host, command } => exec::run(&paths, &host, &command),
        Command::Cut { host } => faults::cut(&paths, &host),
        Command::Heal { host } => faults::heal(&paths, &host),
        Command::Crash { host } => faults::crash(&paths, &host),
        Command::Delay { host, ms } => faults::delay(&paths, &host, ms),
        Command::Keeper { .. } | Command::Boot { .. } | Command::Pipe { .. } => {
            unreachable!("hidden commands were handled first")
        }
    }
}
