//! What a test leaves behind: nothing. Looked for around every test that uses the lab, on each of its hosts and among the
//! processes of this machine, by way of what [`Lab::get`](crate::lab::Lab::get) returns, so that no test can forget it.
//!
//! What stays is documented (ARCHITECTURE.md, "Connections"): a connection outlives the program for a while, and with it sshd's
//! processes for it on the host and `ssh` here. The rest of the lists is what the hosts' own software writes when somebody logs in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::lab::VARIABLE;

/// How long what a test has ended may take to be gone.
const LIMIT: Duration = Duration::from_secs(20);

/// Processes of a host that may be there after a test, by how their arguments begin.
const PROCESSES: [&str; 12] = [
    // The host's end of a connection that is kept for the next run.
    "sshd: ",
    // What systemd starts when somebody logs in, or asks for something.
    "/lib/systemd/systemd --user",
    "/lib/systemd/systemd-",
    "(sd-pam)",
    "(systemd",
    "/usr/bin/dbus-daemon --session",
    "/usr/lib/polkit-1/polkitd",
    // What the web system's services do by themselves, from its deployment on.
    "/srv/web-service/current/web-service",
    "/usr/bin/redis-server ",
    "/usr/lib/postgresql/",
    "nginx: ",
    "postgres: ",
];

/// Where a host's own software writes, by how the path begins.
const FILES: [&str; 27] = [
    "/dev/shm/PostgreSQL",
    // The audit log, where the system has none.
    "/home/deploy/.local",
    // What a shell and an editor keep of whoever sat in front of them.
    "/home/deploy/.bash_history",
    "/home/deploy/.viminfo",
    "/root/.bash_history",
    "/home/fishsh/.config",
    "/home/fishsh/.local",
    // Each boot of a host of the lab has its own.
    "/run/boot_id",
    "/run/log/",
    "/run/motd.dynamic",
    "/run/nginx.pid",
    "/run/postgresql",
    "/run/redis",
    "/run/sshd",
    "/run/sudo/",
    "/run/systemd/",
    "/run/user/",
    "/run/utmp",
    "/tmp/systemd-private-",
    "/var/lib/nginx",
    "/var/lib/postgresql/",
    "/var/lib/redis/",
    "/var/lib/sudo/lectured",
    "/var/lib/systemd/",
    "/var/log/",
    "/var/spool/",
    "/var/tmp/systemd-private-",
];

/// The lab's hosts and our processes at the moment when a test begins.
pub(crate) struct Watch {
    before: Moment,
}

/// What was there at one moment.
pub(crate) struct Moment {
    hosts: BTreeMap<String, Snapshot>,
    /// Our processes on this machine, by their pids.
    here: BTreeMap<u32, String>,
}

/// What `xtask lab snapshot` says of a host.
#[derive(Deserialize)]
struct Snapshot {
    processes: BTreeMap<u32, String>,
    files: BTreeMap<String, String>,
}

impl Watch {
    /// Looks for the first time.
    pub(crate) fn new(ssh_config: &Path) -> Self {
        Self { before: Moment::now(ssh_config) }
    }

    /// What is there now and was not, one a line, once it had its time to go away; empty when all is well. `kept` is what the
    /// test is known to leave, as beginnings of paths and of processes' arguments.
    pub(crate) fn left(&self, ssh_config: &Path, kept: &[String]) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = self.before.compare(&Moment::now(ssh_config), kept);
            if left.is_empty() || Instant::now() > deadline {
                return left.join("\n");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Moment {
    pub(crate) fn now(ssh_config: &Path) -> Self {
        let program = ssh_config.with_file_name("bin").join("xtask");
        let output = Command::new(program).args(["lab", "snapshot"]).output().expect("xtask runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let hosts = serde_json::from_slice(&output.stdout).expect("a snapshot is JSON");
        Self { hosts, here: processes_here() }
    }

    /// For each host, where its root is on this machine, and the files that it has written.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, impl Iterator<Item = &str>)> {
        self.hosts.values().filter_map(|host| {
            let init = host.processes.iter().find(|(_, line)| !line.contains(" lab boot "))?.0;
            Some((format!("/proc/{init}/root"), host.files.keys().map(String::as_str)))
        })
    }

    fn compare(&self, now: &Self, kept: &[String]) -> Vec<String> {
        let mut left = Vec::new();
        for (host, now) in &now.hosts {
            // A host that has come up meanwhile would be all news.
            let Some(before) = self.hosts.get(host) else { continue };
            left.extend(
                before.compare(now, kept).into_iter().map(|what| format!("{host}: {what}")),
            );
        }
        for (pid, arguments) in &now.here {
            if !self.here.contains_key(pid) && !is_documented(arguments) {
                left.push(format!("here: process {pid}: {arguments}"));
            }
        }
        left
    }
}

impl Snapshot {
    fn compare(&self, now: &Self, kept: &[String]) -> Vec<String> {
        let is_kept = |text: &str| kept.iter().any(|kept| text.starts_with(kept.as_str()));
        let known: BTreeSet<&str> = self.processes.values().map(String::as_str).collect();
        let mut left = Vec::new();
        for (pid, line) in &now.processes {
            let arguments = line.split_once(' ').map_or("", |(_, rest)| rest);
            let allowed = PROCESSES.iter().any(|allowed| arguments.starts_with(allowed));
            // A host that has been booted again has the same processes under other numbers.
            let as_before = self.processes.contains_key(pid)
                || known.contains(line.as_str())
                    && self.processes.keys().all(|it| !now.processes.contains_key(it));
            if !allowed && !as_before && !is_kept(arguments) {
                left.push(format!("process {line}"));
            }
        }
        for (path, stamp) in &now.files {
            let allowed = FILES.iter().any(|allowed| path.starts_with(allowed));
            if !allowed && self.files.get(path) != Some(stamp) && !is_kept(path) {
                left.push(format!("{path}: {stamp}"));
            }
        }
        left
    }
}

/// A connection that is kept, what it goes through, and the outside of a host that a test has started.
fn is_documented(arguments: &str) -> bool {
    let lab = [" lab pipe ", " lab boot "];
    arguments.starts_with("ssh: ")
        || arguments.starts_with("ssh -M ")
        || lab.iter().any(|it| arguments.contains(it))
}

/// The processes of this machine that have the lab's name from us, by inheritance.
fn processes_here() -> BTreeMap<u32, String> {
    let value = std::env::var(VARIABLE).expect("it was there");
    let variable = format!("{VARIABLE}={value}");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let read = |name| std::fs::read(entry.path().join(name)).unwrap_or_default();
        if read("environ").split(|byte| *byte == 0).any(|it| it == variable.as_bytes()) {
            let arguments = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
            found.insert(pid, arguments.trim_end().to_owned());
        }
    }
    found
}
