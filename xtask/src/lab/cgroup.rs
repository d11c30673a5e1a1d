//! The cgroup that all processes of a lab are in, which is how a lab ends as a whole.
//!
//! Each host has a child of it and sees that child as the root of its own cgroup tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags};

use crate::error::{Context, Error, Result, failed};

/// Where a cgroup2 tree gets mounted if the machine has none.
const OWN_MOUNT: &str = "/run/deploy-lab-cgroup2";

/// How long the kernel may take to end killed processes.
const KILL_LIMIT: Duration = Duration::from_secs(20);

/// A directory in the machine's cgroup2 tree.
#[derive(Debug, Clone)]
pub(crate) struct Cgroup(PathBuf);

impl Cgroup {
    /// The lab's cgroup, whether it exists or not.
    pub(crate) fn of_lab(id: &str) -> Result<Self> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").context("read the mounts")?;
        let root = match find_cgroup2(&mounts) {
            Some(root) => root,
            None => mount_cgroup2()?,
        };
        Ok(Self(root.join(id)))
    }

    /// A part of this cgroup.
    pub(crate) fn child(&self, name: &str) -> Self {
        Self(self.0.join(name))
    }

    /// The file that takes in the process that writes `0` to it.
    pub(crate) fn procs(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }

    /// True when the cgroup is there.
    pub(crate) fn exists(&self) -> bool {
        self.0.exists()
    }

    /// Creates it with its parents.
    pub(crate) fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(|error| {
            Error::LabNotPossible(format!("the cgroup {:?} cannot be created: {error}", self.0))
        })
    }

    /// Kills every process in it and below, and waits until all have ended.
    pub(crate) fn kill(&self) -> Result<()> {
        if !self.exists() {
            return Ok(());
        }
        let kill = self.0.join("cgroup.kill");
        fs::write(&kill, "1").context(format_args!("write {kill:?}"))?;
        let limit = Instant::now() + KILL_LIMIT;
        while self.is_populated()? {
            if Instant::now() > limit {
                return Err(failed(format!("processes in {:?} did not end", self.0)));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Removes it and what is below; processes must have ended.
    pub(crate) fn remove(&self) -> Result<()> {
        if self.exists() { remove_tree(&self.0) } else { Ok(()) }
    }

    fn is_populated(&self) -> Result<bool> {
        let events = self.0.join("cgroup.events");
        let text = fs::read_to_string(&events).context(format_args!("read {events:?}"))?;
        Ok(text.lines().any(|line| line == "populated 1"))
    }
}

/// Undoes what [`Cgroup::of_lab`] may have mounted, unless other labs use it.
pub(crate) fn unmount_unused() -> Result<()> {
    let own = Path::new(OWN_MOUNT);
    if !own.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(own).context(format_args!("list {OWN_MOUNT}"))?.flatten();
    if entries
        .into_iter()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("deploy-lab-"))
    {
        return Ok(());
    }
    rustix::mount::unmount(own, UnmountFlags::empty())
        .context(format_args!("unmount {OWN_MOUNT}"))?;
    fs::remove_dir(own).context(format_args!("remove {OWN_MOUNT}"))
}

/// A machine with the older cgroup tree may not have mounted the newer one.
fn mount_cgroup2() -> Result<PathBuf> {
    fs::create_dir_all(OWN_MOUNT).context(format_args!("create {OWN_MOUNT}"))?;
    rustix::mount::mount("cgroup2", OWN_MOUNT, "cgroup2", MountFlags::empty(), None).map_err(
        |error| {
            let _ = fs::remove_dir(OWN_MOUNT);
            Error::LabNotPossible(format!("no cgroup2 tree, and none can be mounted: {error}"))
        },
    )?;
    Ok(OWN_MOUNT.into())
}

/// Removes directories from the leaves up; the files in a cgroup go with it.
fn remove_tree(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).context(format_args!("list {dir:?}"))?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path())?;
        }
    }
    let limit = Instant::now() + KILL_LIMIT;
    loop {
        match fs::remove_dir(dir) {
            Ok(()) => return Ok(()),
            // The last process may still be on its way out.
            Err(error)
                if error.kind() == std::io::ErrorKind::ResourceBusy && Instant::now() < limit =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(failed(format!("cannot remove {dir:?}: {error}"))),
        }
    }
}

/// The first mount point of type cgroup2 in a `mountinfo` text.
fn find_cgroup2(mountinfo: &str) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (mount, filesystem) = line.split_once(" - ")?;
        filesystem.starts_with("cgroup2 ").then(|| mount.split(' ').nth(4).map(PathBuf::from))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cgroup2_is_found_in_a_hybrid_tree() {
        let text = "31 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                    41 31 0:36 / /sys/fs/cgroup/unified rw,relatime shared:1 - cgroup2 cgroup2 rw\n";
        assert_eq!(find_cgroup2(text), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(find_cgroup2("1 0 8:1 / / rw - ext4 /dev/sda rw"), None);
    }
}
