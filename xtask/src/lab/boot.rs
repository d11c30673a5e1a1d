//! Starting one host: the outside, which makes namespaces, and the inside, which becomes process 1.
//!
//! The two talk over the inside's standard input and output: it tells its pid, waits for its network, and then either starts
//! init or says why not.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
use serde::{Deserialize, Serialize};

use super::cgroup::Cgroup;
use super::keeper::{self, JOIN_CGROUP};
use super::state::{Host, Lab, Paths, Process};
use super::{Init, disk, etc, network, root_fs};
use crate::error::{Context, Result, failed};

/// The environment of process 1 and of commands in a host.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What the inside says last.
const BOOTED: &str = "booted\n";

/// What the inside must know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) init: Init,
    pub(crate) disk: PathBuf,
    pub(crate) machine_id: String,
    pub(crate) hosts_lines: String,
    pub(crate) authorized_keys: String,
    pub(crate) host_key: String,
    pub(crate) sudo_password_hash: String,
}

/// Starts a host and returns it once its init runs.
pub(crate) fn outside(paths: &Paths, lab: &Lab, lab_cgroup: &Cgroup, plan: &Plan) -> Result<Host> {
    let name = &plan.name;
    // A host that crashed leaves a tree of empty cgroups.
    let cgroup = lab_cgroup.child(&format!("host-{name}"));
    cgroup.kill()?;
    cgroup.remove()?;
    cgroup.create()?;
    let plan_file = paths.dir.join(format!("boot/{name}.json"));
    let text = serde_json::to_string(plan).context("write a boot plan")?;
    super::keys::write_private(&plan_file, &text)?;

    let mut child = Command::new("nsenter")
        .arg(format!("--net=/proc/{}/ns/net", lab.keeper.pid))
        .arg(format!("--mount=/proc/{}/ns/mnt", lab.keeper.pid))
        .args(["--", "setsid", "sh", "-c", JOIN_CGROUP, "sh"])
        .arg(cgroup.procs())
        .args(["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup"])
        .args(["--fork", "--kill-child", "--"])
        .arg(paths.program())
        .args(["lab", "boot"])
        .arg(&plan_file)
        .current_dir("/")
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(format_args!("start {name}"))?;
    let mut out = BufReader::new(child.stdout.take().ok_or_else(|| failed("no pipe"))?);
    let connected = keeper::report(&mut out)
        .ok_or_else(|| failed("it did not start"))
        .and_then(Process::of)
        .and_then(|process| {
            let (name, address, init) = (name.clone(), plan.address, plan.init);
            let host = Host { name, address, init, process };
            network::connect(&lab.netns, &host)?;
            let stdin = child.stdin.take();
            stdin.map_or(Ok(()), |mut stdin| stdin.write_all(b"go\n")).context("let it go")?;
            Ok(host)
        });
    drop(child.stdin.take());
    let mut line = String::new();
    out.read_line(&mut line).context(format_args!("hear {name}"))?;
    match connected {
        Ok(host) if line == BOOTED => Ok(host),
        connected => {
            // Its end of the pipe closes when it has said its last words.
            let mut words = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                stderr.read_to_string(&mut words).context(format_args!("hear {name}"))?;
            }
            let why = connected.err().map(|error| error.to_string()).unwrap_or_default();
            Err(failed(format!("{name}: {why} {}", words.trim())))
        }
    }
}

/// Becomes process 1 of a host.
pub(crate) fn inside(plan_file: &Path) -> Result<ExitCode> {
    keeper::tell_pid()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("wait for the network")?;
    if line != "go\n" {
        return Err(failed("the network was not made"));
    }
    let text = fs::read_to_string(plan_file).context(format_args!("read {plan_file:?}"))?;
    let plan: Plan = serde_json::from_str(&text).context(format_args!("read {plan_file:?}"))?;

    let first_boot = disk::prepare(&plan.disk)?;
    std::env::set_current_dir(&plan.disk).context(format_args!("enter {:?}", plan.disk))?;
    root_fs::mount_root()?;
    std::env::set_current_dir(disk::ROOT).context("enter the new root")?;
    root_fs::mount_kernel()?;
    if first_boot {
        etc::write(&plan)?;
    }
    root_fs::pivot()?;
    give_up_the_machine()?;
    rustix::system::sethostname(plan.name.as_bytes()).context("set the host's name")?;
    print!("{BOOTED}");
    std::io::stdout().flush().context("say that it boots")?;
    let error = init(plan.init)
        .env_clear()
        .env("PATH", PATH)
        .env("container", "lab")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .exec();
    Err(failed(format!("cannot run init: {error}")))
}

/// Takes from a host's root, for good, what would reach the machine: its clock, kernel modules and raw devices.
fn give_up_the_machine() -> Result<()> {
    for capability in [CapabilitySet::SYS_TIME, CapabilitySet::SYS_MODULE, CapabilitySet::SYS_RAWIO]
    {
        remove_capability_from_bounding_set(capability).context("give up a capability")?;
    }
    Ok(())
}

fn init(init: Init) -> Command {
    match init {
        Init::Systemd => {
            let mut command = Command::new("/lib/systemd/systemd");
            command.arg("--system");
            command
        }
        Init::Sshd => {
            let mut command = Command::new("sh");
            let script = "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -E /var/log/sshd.log";
            command.args(["-c", script]);
            command
        }
    }
}
