//! What a lab has written down: its directory, its hosts, and whether their processes still live.
//!
//! `hosts.json` is for tests as well as for the lab itself.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Init;
use crate::error::{Context, Result, failed};
use crate::workspace;

/// Where a lab keeps its files.
#[derive(Debug)]
pub(crate) struct Paths {
    /// `target/lab` in the workspace.
    pub(crate) dir: PathBuf,
    /// A name for the lab that no other checkout on this machine has.
    pub(crate) id: String,
}

impl Paths {
    /// The lab of this workspace; always in `target/lab`, wherever cargo builds.
    pub(crate) fn of_workspace() -> Result<Self> {
        let root = workspace::root()?;
        Ok(Self { dir: root.join("target/lab"), id: lab_id(&root) })
    }

    /// The directory in the keeper's mount namespace that has the hosts' disks.
    pub(crate) fn disks(&self) -> PathBuf {
        self.dir.join("disks")
    }

    /// The copy of this program that the lab runs, so that a rebuild does not take it away.
    pub(crate) fn program(&self) -> PathBuf {
        self.dir.join("bin/xtask")
    }

    /// The lab as it was last written down.
    pub(crate) fn load(&self) -> Result<Option<Lab>> {
        match fs::read_to_string(self.hosts_json()) {
            Ok(text) => {
                let shown = self.hosts_json();
                serde_json::from_str(&text).map(Some).context(format_args!("read {shown:?}"))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(format!("cannot read {:?}: {error}", self.hosts_json()))),
        }
    }

    /// The running lab and one of its hosts.
    pub(crate) fn load_host(&self, name: &str) -> Result<(Lab, Host)> {
        let lab =
            self.load()?.ok_or_else(|| failed("there is no lab; `lab up NAME…` starts one"))?;
        let host = lab.host(name).cloned();
        let host = host.ok_or_else(|| {
            let names: Vec<&str> = lab.hosts.iter().map(|host| host.name.as_str()).collect();
            failed(format!("the lab has no host {name:?}; it has {}", names.join(", ")))
        })?;
        Ok((lab, host))
    }

    /// Writes the lab down; readers see the old or the new file, never a part.
    pub(crate) fn save(&self, lab: &Lab) -> Result<()> {
        let text = serde_json::to_string_pretty(lab).context("write hosts.json")?;
        replace(&self.hosts_json(), &format!("{text}\n"))
    }

    /// Waits for other `lab` commands of this workspace to end.
    pub(crate) fn lock(&self) -> Result<File> {
        let target = self.dir.parent().unwrap_or(&self.dir);
        fs::create_dir_all(target).context(format_args!("create {target:?}"))?;
        let file = File::create(target.join(".lab.lock")).context("create the lab's lock")?;
        file.lock().context("lock the lab")?;
        Ok(file)
    }

    fn hosts_json(&self) -> PathBuf {
        self.dir.join("hosts.json")
    }
}

/// Everything about a lab that outlives the command that started it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lab {
    /// The process that owns the lab's namespaces.
    pub(crate) keeper: Process,
    /// The lab's network namespace, as a path for `nsenter --net=`.
    pub(crate) netns: PathBuf,
    /// The crypt(3) hash of the password of the user `sudoer` and of root.
    pub(crate) sudo_password_hash: String,
    /// The hosts in the order of their start.
    pub(crate) hosts: Vec<Host>,
}

impl Lab {
    /// The host of that name.
    pub(crate) fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name == name)
    }
}

/// One host of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) init: Init,
    /// Its process 1, as seen from the machine.
    #[serde(flatten)]
    pub(crate) process: Process,
}

impl Host {
    /// The lab's end of the host's network link.
    pub(crate) fn link(&self) -> String {
        format!("host{}", self.address.octets()[3])
    }
}

/// A process that a pid alone does not name, because pids are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// Clock ticks since the machine's boot.
    pub(crate) started: u64,
}

impl Process {
    /// Names a process that runs now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let started = started(pid).ok_or_else(|| failed(format!("process {pid} is gone")))?;
        Ok(Self { pid, started })
    }

    /// True while that very process runs; a zombie does not.
    pub(crate) fn is_alive(self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

fn started(pid: u32) -> Option<u64> {
    parse_started(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The start time in a `/proc/PID/stat` line, unless the process is dead.
fn parse_started(stat: &str) -> Option<u64> {
    // The second field is a name in parentheses, which may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    match fields.next()? {
        "Z" | "X" => None,
        _ => fields.nth(18)?.parse().ok(),
    }
}

/// Accepts what can be a host's name, also as part of a file's name.
pub(crate) fn parse_name(name: &str) -> std::result::Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = !name.is_empty() && name.len() <= 32 && name.chars().all(plain);
    if good && !name.starts_with('-') && !name.ends_with('-') && name != "localhost" {
        Ok(name.to_owned())
    } else {
        Err("a host's name has small letters, digits and inner hyphens, 32 at most".into())
    }
}

/// Writes a file by way of a temporary one next to it.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension("new");
    fs::write(&temporary, text).context(format_args!("write {temporary:?}"))?;
    fs::rename(&temporary, path).context(format_args!("replace {path:?}"))
}

fn lab_id(root: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    format!("deploy-lab-{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_time_is_read_past_any_process_name() {
        let tail = "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 100 5";
        assert_eq!(parse_started(&format!("7 (a) b) {tail}")), Some(4242));
        assert_eq!(parse_started(&format!("7 (sh) {}", tail.replacen('S', "Z", 1))), None);
        assert_eq!(parse_started("nonsense"), None);
    }

    #[test]
    fn this_process_lives_and_its_pid_with_another_start_does_not() {
        let me = Process::of(std::process::id()).expect("this process runs");
        assert!(me.is_alive());
        assert!(!Process { started: me.started + 1, ..me }.is_alive());
    }

    #[test]
    fn names_are_host_names() {
        assert!(parse_name("web-1").is_ok());
        for bad in ["", "-a", "a-", "A", "a.b", "a/b", "localhost"] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_lab_reads_back_as_it_was_written() {
        let lab = Lab {
            keeper: Process { pid: 1, started: 2 },
            netns: "/proc/1/ns/net".into(),
            sudo_password_hash: "$6$".into(),
            hosts: vec![Host {
                name: "web1".into(),
                address: Ipv4Addr::new(10, 77, 0, 11),
                init: Init::Systemd,
                process: Process { pid: 3, started: 4 },
            }],
        };
        let text = serde_json::to_string(&lab).expect("a lab is JSON");
        assert!(text.contains(r#""init":"systemd","pid":3"#), "{text}");
        assert_eq!(serde_json::from_str::<Lab>(&text).expect("it reads back"), lab);
    }

    #[test]
    fn checkouts_have_different_labs() {
        assert_ne!(lab_id(Path::new("/a")), lab_id(Path::new("/b")));
    }
}
