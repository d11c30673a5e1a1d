//! `--connect`: a shell on the one host of a node, in this terminal.

use crate::error::ErrorKind;
use crate::hosts::Host;
use crate::tree::NodeRef;
use crate::{Error, Result};

/// Opens the shell, as a login gives it, and waits for its end.
pub(super) async fn connect(node: &NodeRef) -> Result {
    one_host(node)?.login_shell().shell().await.map(drop)
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
