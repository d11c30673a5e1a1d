//! What a client needs: keys, known hosts and configurations, one for each way to connect.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Fleet, Kex, PORT, address, users, write_public};
use crate::command;
use crate::error::{Context, Result};

/// Makes the key of all hosts and that of all users.
pub(super) fn write_keys(fleet: &Fleet) -> Result<()> {
    for name in ["host_key", "user_key"] {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f"]);
        command::output(keygen.arg(fleet.etc.join(name)))?;
    }
    write_public(&fleet.run.join("authorized_keys"), &public(&fleet.etc.join("user_key.pub"))?)
}

/// Writes `known_hosts` and the configurations.
pub(super) fn write_configs(fleet: &Fleet) -> Result<()> {
    let key = public(&fleet.etc.join("host_key.pub"))?;
    // A line for each: not every client knows patterns here.
    let known: String =
        (1..=fleet.hosts()).map(|host| format!("[{}]:{PORT} {key}", address(host))).collect();
    let (_, known_hosts) = fleet.key_and_known_hosts();
    fs::write(&known_hosts, known).context(format_args!("write {known_hosts:?}"))?;

    let fast = "  KexAlgorithms curve25519-sha256\n";
    let mux = format!("{fast}  ControlPath {}/m.%n\n", fleet.run.join("s").display());
    for (path, options) in [
        (fleet.ssh_config(Kex::Fast), fast),
        (fleet.ssh_config(Kex::Default), ""),
        (fleet.fresh_config(Kex::Fast), fast),
        (fleet.fresh_config(Kex::Default), ""),
        (fleet.mux_config(), mux.as_str()),
    ] {
        fs::write(&path, config(fleet, options)).context(format_args!("write {path:?}"))?;
    }
    Ok(())
}

fn config(fleet: &Fleet, options: &str) -> String {
    let (key, known_hosts) = fleet.key_and_known_hosts();
    let mut text = String::new();
    for host in 1..=fleet.hosts() {
        let _ = writeln!(
            text,
            "Host h{host}\n  HostName {}\n  User {}",
            address(host),
            users::name(host)
        );
    }
    let _ = writeln!(
        text,
        "Host h*\n  Port {PORT}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n  \
         StrictHostKeyChecking yes\n  UpdateHostKeys no\n  BatchMode yes\n{options}",
        key.display(),
        known_hosts.display(),
    );
    text
}

fn public(path: &Path) -> Result<String> {
    fs::read_to_string(path).context(format_args!("read {path:?}"))
}
