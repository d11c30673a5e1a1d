//! Commands inside a host, by way of its namespaces and so without its network.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use super::boot;
use super::state::{Host, Paths};
use crate::error::{Context, Result, failed};

/// `lab exec`: ends as the command ended.
pub(crate) fn run(paths: &Paths, name: &str, command: &[OsString]) -> Result<ExitCode> {
    let (_, host) = paths.load_host(name)?;
    if !host.process.is_alive() {
        return Err(failed(format!("{name} has crashed; `lab up {name}` boots it again")));
    }
    let status = inside(&host).args(command).status().context(format_args!("enter {name}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A command that runs its further arguments as root in a host, with a clean environment.
pub(crate) fn inside(host: &Host) -> Command {
    let mut command = Command::new("nsenter");
    command
        .arg(format!("--target={}", host.process.pid))
        .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"])
        .args(["env", "-i", "-C", "/root", "HOME=/root", "LANG=C.UTF-8"])
        .arg(format!("PATH={}", boot::PATH))
        .arg(format!("TERM={}", std::env::var("TERM").unwrap_or_else(|_| "dumb".into())));
    command
}
