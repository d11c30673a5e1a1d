//! A control group of the bench's own, with so large a share of the processors that whatever else the machine
//! does hardly disturbs the measurements.
//!
//! It also makes them fair: outside of such a group Linux gives every *session* an equal share when processors are
//! short, which favours tools that start each ssh in a session of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// A process that writes this to a group's list joins the group.
const MYSELF: &str = "0";

/// The group, joined by this process and so by everything that it starts. Dropping it leaves the group.
#[derive(Debug)]
pub(super) struct Share {
    group: PathBuf,
    /// Where this process was before.
    home: PathBuf,
}

impl Share {
    /// Joins a group of its own; nothing where the machine has none to give, which is no reason not to measure.
    pub(super) fn take() -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let member = fs::read_to_string("/proc/self/cgroup").ok()?;
        let Controller { root, group, file, most } = controller(&mounts, &member)?;
        let share = Self {
            group: root.join(format!("deploy-bench-{}", std::process::id())),
            home: root.join(group.trim_start_matches('/')).join("cgroup.procs"),
        };
        fs::create_dir(&share.group).ok()?;
        // From here on what has been made is removed when it is of no use.
        fs::write(share.group.join(file), most).ok()?;
        fs::write(share.group.join("cgroup.procs"), MYSELF).ok()?;
        Some(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = fs::write(&self.home, MYSELF);
        let _ = fs::remove_dir(&self.group);
    }
}

/// The tree of groups that divides the processors.
#[derive(Debug, PartialEq)]
struct Controller {
    root: PathBuf,
    /// This process's group in it.
    group: String,
    /// The file that holds a group's share, and the largest that it takes.
    file: &'static str,
    most: &'static str,
}

/// Finds it in the texts of `/proc/self/mounts` and `/proc/self/cgroup`.
fn controller(mounts: &str, member: &str) -> Option<Controller> {
    let group = |controllers: &str| {
        member.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            (fields.next()?.split(',').any(|name| name == controllers)).then(|| fields.next())?
        })
    };
    mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, root, kind, options, ..] = fields[..] else { return None };
        let root = Path::new(root);
        match kind {
            "cgroup" if options.split(',').any(|option| option == "cpu") => Some(Controller {
                root: root.to_owned(),
                group: group("cpu")?.to_owned(),
                file: "cpu.shares",
                most: "262144",
            }),
            "cgroup2" if gives_processors(root) => Some(Controller {
                root: root.to_owned(),
                group: group("")?.to_owned(),
                file: "cpu.weight",
                most: "10000",
            }),
            _ => None,
        }
    })
}

/// Whether the groups directly below have shares of the processors.
fn gives_processors(root: &Path) -> bool {
    fs::read_to_string(root.join("cgroup.subtree_control"))
        .is_ok_and(|controllers| controllers.split_whitespace().any(|name| name == "cpu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_with_the_processors_is_found() {
        let mounts = "cgroup /sys/fs/cgroup/cpuacct cgroup rw,cpuacct 0 0\n\
                      cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n";
        let found = controller(mounts, "2:cpuacct:/a\n1:cpu:/b/c\n0::/\n").unwrap();
        assert_eq!(found.root, Path::new("/sys/fs/cgroup/cpu"));
        assert_eq!((found.group.as_str(), found.file), ("/b/c", "cpu.shares"));
        let together = "cgroup /c/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n";
        assert_eq!(controller(together, "4:cpu,cpuacct:/x\n").unwrap().group, "/x");
        assert_eq!(controller("proc /proc proc rw 0 0\n", "0::/\n"), None);
    }
}
