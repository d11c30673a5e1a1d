//! `--connect`: a shell on the one host of a node, in this terminal.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use tokio::process::Command;

use crate::error::ErrorKind;
use crate::host::HostSpec;
use crate::hosts::Host;
use crate::transport::ConnectSettings;
use crate::tree::NodeRef;
use crate::{Error, Result};

/// Opens the shell and waits for its end.
pub(super) async fn connect(node: &NodeRef) -> Result {
    let host = one_host(node)?;
    let spec = host.spec();
    let mut command = command(spec, node.tree().env().pool().settings())?;
    let status = command.status().await.map_err(|error| {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        host.error(format!("cannot start `{program}`: {error}"))
    })?;
    match status.code() {
        // ssh itself failed, and has said why.
        Some(255) if spec.connector == "ssh" => Err(Error::new(ErrorKind::Unreachable {
            host: host.name().to_owned(),
            reason: crate::Unreachable::Other,
            detail: "ssh ended with status 255".to_owned(),
        })),
        _ => ended(status),
    }
}

/// What the user's own last command came to is no failure of ours.
fn ended(status: ExitStatus) -> Result {
    match status.signal() {
        Some(signal) => Err(Error::msg(format!("the shell was ended by signal {signal}"))),
        None => Ok(()),
    }
}

fn one_host(node: &NodeRef) -> Result<Host> {
    let env = node.tree().env();
    let hosts = node.hosts().filter(|host| env.selects(host.name()));
    let path = place(node);
    if hosts.len() > 1 && !env.console().is_interactive() {
        return Err(Error::usage_with_hint(
            format!("{path} has {} hosts: say which", hosts.len()),
            format!("such as `--hosts {}`; there are {hosts}", hosts.names()[0]),
        ));
    }
    let index = match hosts.len() {
        0 => return Err(Error::usage(format!("{path} has no hosts"))),
        1 => 0,
        _ => env.console().choose("Which host?", hosts.names())?,
    };
    let host = hosts.iter().nth(index).cloned();
    host.ok_or_else(|| Error::new(ErrorKind::Message("there is no such host".to_owned())))
}

/// A node as it is called in a sentence.
pub(super) fn place(node: &NodeRef) -> String {
    match node.path() {
        path if path.is_empty() => "the root".to_owned(),
        path => format!("`{path}`"),
    }
}

fn command(spec: &HostSpec, settings: &ConnectSettings) -> Result<Command> {
    if spec.connector == "local" {
        let shell = std::env::var_os("SHELL").unwrap_or_else(|| "sh".into());
        return Ok(Command::new(shell));
    }
    if spec.connector != "ssh" {
        let message = format!("`--connect` knows no way into `{}:` hosts", spec.connector);
        return Err(Error::usage(format!("{}: {message}", spec.name)));
    }
    let mut ssh = Command::new("ssh");
    ssh.arg("-t");
    if let Some(config) = &settings.ssh_config {
        ssh.arg("-F").arg(config);
    }
    for option in &settings.ssh_options {
        ssh.arg("-o").arg(option);
    }
    if let Some(user) = &spec.user {
        ssh.arg("-l").arg(user);
    }
    if let Some(port) = spec.port {
        ssh.arg("-p").arg(port.to_string());
    }
    if let Some(key) = &spec.key {
        ssh.arg("-i").arg(key).args(["-o", "IdentitiesOnly=yes"]);
    }
    if let Some(jump) = &spec.jump {
        ssh.arg("-J").arg(jump);
    }
    ssh.arg("--").arg(&spec.address);
    Ok(ssh)
}
