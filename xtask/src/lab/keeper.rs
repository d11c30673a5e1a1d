//! The keeper: one process that owns the lab's network and the memory that hosts' disks are made of.
//!
//! It does nothing once both exist. As long as it lives they do, and they leave no trace when it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use rustix::mount::MountFlags;

use super::cgroup::Cgroup;
use super::network;
use super::state::{Paths, Process};
use crate::error::{Context, Error, Result, failed};

/// The script that joins a cgroup and then runs the rest of its arguments. It lets go of what our caller has open: a host that
/// keeps a lock of whoever started it would hold it for as long as it is up.
pub(crate) const JOIN_CGROUP: &str =
    r#"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; echo 0 >"$1" && shift && exec "$@""#;

/// Starts the keeper of a new lab.
pub(crate) fn start(paths: &Paths, cgroup: &Cgroup) -> Result<Process> {
    let cgroup = cgroup.child("keeper");
    cgroup.create()?;
    let mut child = Command::new("setsid")
        .args(["sh", "-c", JOIN_CGROUP, "sh"])
        .arg(cgroup.procs())
        .args(["unshare", "--net", "--mount"])
        .arg(paths.program())
        .args(["lab", "keeper"])
        .arg(&paths.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("start the lab's keeper")?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    match out.and_then(|out| report(&mut BufReader::new(out))) {
        Some(pid) => Process::of(pid),
        None => {
            let mut words = String::new();
            if let Some(mut err) = err {
                err.read_to_string(&mut words).context("read the keeper's last words")?;
            }
            Err(Error::LabNotPossible(format!("namespaces cannot be made: {}", words.trim())))
        }
    }
}

/// Reads the `pid N` line that lab processes start with.
pub(crate) fn report(out: &mut impl BufRead) -> Option<u32> {
    let mut line = String::new();
    out.read_line(&mut line).ok()?;
    line.trim().strip_prefix("pid ")?.parse().ok()
}

/// Writes the line that [`report`] reads.
pub(crate) fn tell_pid() -> Result<()> {
    // The machine's /proc is still mounted here, so this is the pid that the machine knows.
    let pid = fs::read_link("/proc/self").context("read /proc/self")?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "pid {}", pid.display()).and_then(|()| out.flush()).context("tell the pid")
}

/// The keeper itself, inside its new namespaces.
pub(crate) fn run(lab: &Path) -> Result<ExitCode> {
    let disks = lab.join("disks");
    rustix::mount::mount("lab-disks", &disks, "tmpfs", MountFlags::empty(), None)
        .context(format_args!("mount a tmpfs on {disks:?}"))?;
    network::create_bridge()?;
    tell_pid()?;
    let error = Command::new("sleep")
        .arg("infinity")
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .exec();
    Err(failed(format!("cannot run sleep: {error}")))
}
