//! `lab snapshot`: what runs on each host and what it has written, as JSON on standard output.
//!
//! Seen from outside, through `/proc` and the hosts' disks, so that looking leaves no trace and needs no network. It tells all
//! there is; what of it may be there is decided by whoever asks.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::disk;
use super::state::{Host, Lab, Paths};
use crate::error::{Context, Result, failed};

/// What a host has in memory beside its disk.
const IN_MEMORY: [&str; 3] = ["dev/shm", "run", "tmp"];

/// One host at one moment.
#[derive(Debug, Default, Serialize)]
struct Snapshot {
    /// The user's number and the arguments of each process, by the pid that this machine knows.
    processes: BTreeMap<u32, String>,
    /// Everything that was not there before the first boot or has changed since, by its path, with words that change when it does.
    files: BTreeMap<String, String>,
}

/// Prints an object with a [`Snapshot`] for each host that is up.
pub(crate) fn run(paths: &Paths) -> Result<ExitCode> {
    let lab = paths.load()?.ok_or_else(|| failed("there is no lab"))?;
    let mut hosts = BTreeMap::new();
    for host in lab.hosts.iter().filter(|host| host.process.is_alive()) {
        hosts.insert(host.name.clone(), Snapshot::of(paths, &lab, host)?);
    }
    println!("{}", serde_json::to_string(&hosts).context("write a snapshot")?);
    Ok(ExitCode::SUCCESS)
}

impl Snapshot {
    fn of(paths: &Paths, lab: &Lab, host: &Host) -> Result<Self> {
        let mut snapshot = Self { processes: processes(paths, host)?, ..Self::default() };
        let disk = paths.disks().join(&host.name).join(disk::UPPER);
        let disk = below(&format!("/proc/{}/root", lab.keeper.pid), &disk);
        snapshot.walk(&disk, &disk);
        let root = PathBuf::from(format!("/proc/{}/root", host.process.pid));
        for part in IN_MEMORY {
            snapshot.walk(&root, &root.join(part));
        }
        Ok(snapshot)
    }

    /// Adds what is in a directory. What goes away meanwhile was not there.
    fn walk(&mut self, root: &Path, dir: &Path) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
            let Ok(relative) = path.strip_prefix(root) else { continue };
            let kind = metadata.file_type();
            let name = format!("/{}", relative.display());
            if kind.is_dir() {
                // A directory of the machine is on the disk as soon as anything in it is.
                if !Path::new(&name).is_dir() {
                    self.files.insert(name, "directory".to_owned());
                }
                self.walk(root, &path);
            } else if !kind.is_socket() {
                let content = (metadata.ino(), metadata.size());
                let time = (metadata.mtime(), metadata.mtime_nsec());
                self.files.insert(name, format!("{content:?} {time:?}"));
            }
        }
    }
}

/// A path as a process sees it whose root is `root`.
fn below(root: &str, path: &Path) -> PathBuf {
    Path::new(root).join(path.strip_prefix("/").unwrap_or(path))
}

/// The processes in the host's pid namespace, and those in its cgroup, which are in containers of the host.
fn processes(paths: &Paths, host: &Host) -> Result<BTreeMap<u32, String>> {
    let namespace = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/pid"));
    let own = namespace(host.process.pid).context(format_args!("look at {}", host.name))?;
    let cgroup = format!("/{}/host-{}", paths.id, host.name);
    let mut processes = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("list processes")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let in_cgroup = || {
            let text = fs::read_to_string(entry.path().join("cgroup")).unwrap_or_default();
            let mut names = text.lines().filter_map(|line| line.split_once(&cgroup));
            names.any(|(_, rest)| rest.is_empty() || rest.starts_with('/'))
        };
        if !namespace(pid).is_ok_and(|namespace| namespace == own) && !in_cgroup() {
            continue;
        }
        let (Ok(arguments), Ok(metadata)) =
            (fs::read(entry.path().join("cmdline")), entry.metadata())
        else {
            continue;
        };
        // A process that has ended and waits to be collected has no arguments, nor do threads of the kernel.
        if !arguments.is_empty() {
            let words = String::from_utf8_lossy(&arguments).replace('\0', " ");
            processes.insert(pid, format!("{} {}", metadata.uid(), words.trim_end()));
        }
    }
    Ok(processes)
}
