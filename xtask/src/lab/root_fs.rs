//! A host's file systems, mounted in its own mount namespace.
//!
//! Everything happens below the new root; nothing here may name a path of the machine except the overlay's lower layer.

use std::ffi::CStr;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, makedev};
use rustix::mount::{MountFlags, UnmountFlags};

use super::disk;
use crate::error::{Context, Result};

/// The devices that programs expect: path, major and minor number.
const DEVICES: [(&str, u32, u32); 7] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
    // What is written to the console goes nowhere; the journal has it.
    ("console", 1, 3),
];

/// Mounts the root overlay of the disk in the current directory.
pub(crate) fn mount_root() -> Result<()> {
    // Relative names keep odd characters of the workspace's path out of the option string.
    let options = format!("lowerdir=/,upperdir={},workdir={}", disk::UPPER, disk::WORK);
    let options = std::ffi::CString::new(options).context("make mount options")?;
    mount("overlay", disk::ROOT, "overlay", MountFlags::empty(), Some(&options))
}

/// Mounts `/proc`, `/sys`, `/dev`, `/run` and `/tmp`; the current directory is the new root.
pub(crate) fn mount_kernel() -> Result<()> {
    let safe = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::process::umask(Mode::empty());
    mount("tmpfs", "run", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=755"))?;
    mount("tmpfs", "tmp", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=1777"))?;
    mount("tmpfs", "dev", "tmpfs", MountFlags::NOSUID, Some(c"mode=755"))?;
    devices()?;
    mount("proc", "proc", "proc", safe, None)?;
    protect_proc()?;
    boot_id()?;
    // systemd leaves devices alone where /sys is read-only.
    mount("sysfs", "sys", "sysfs", safe | MountFlags::RDONLY, None)?;
    mount("cgroup2", "sys/fs/cgroup", "cgroup2", safe, None)?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    Ok(())
}

/// Makes the current directory the root of the mount namespace and lets go of the machine's.
pub(crate) fn pivot() -> Result<()> {
    rustix::process::pivot_root(".", ".").context("enter the new root")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH).context("leave the machine's root")?;
    std::env::set_current_dir("/").context("enter /")
}

fn devices() -> Result<()> {
    let all = Mode::from_raw_mode(0o666);
    for (name, major, minor) in DEVICES {
        let path = Path::new("dev").join(name);
        rustix::fs::mknodat(CWD, &path, FileType::CharacterDevice, all, makedev(major, minor))
            .context(format_args!("make the device {name}"))?;
    }
    for dir in ["dev/pts", "dev/shm"] {
        std::fs::create_dir(dir).context(format_args!("create {dir}"))?;
    }
    let pts = Some(c"newinstance,ptmxmode=0666,mode=0620,gid=5");
    mount("devpts", "dev/pts", "devpts", MountFlags::NOSUID | MountFlags::NOEXEC, pts)?;
    let shm = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", "dev/shm", "tmpfs", shm, Some(c"mode=1777"))?;
    for (target, name) in [
        ("pts/ptmx", "ptmx"),
        ("/proc/self/fd", "fd"),
        ("/proc/self/fd/0", "stdin"),
        ("/proc/self/fd/1", "stdout"),
        ("/proc/self/fd/2", "stderr"),
    ] {
        symlink(target, Path::new("dev").join(name)).context(format_args!("link /dev/{name}"))?;
    }
    Ok(())
}

/// Keeps a host's root from the settings of the machine's kernel; those of its own network stay writable.
fn protect_proc() -> Result<()> {
    for path in ["proc/sys", "proc/sys/net"] {
        bind(path, path)?;
    }
    // Not every kernel has it.
    if Path::new("proc/sysrq-trigger").exists() {
        bind("dev/null", "proc/sysrq-trigger")?;
    }
    rustix::mount::mount_remount("proc/sys", MountFlags::BIND | MountFlags::RDONLY, c"")
        .context("make /proc/sys read-only")
}

/// Gives this boot a number of its own, as each boot of a machine has; the kernel's is of the machine below. systemd-nspawn does the same.
fn boot_id() -> Result<()> {
    let (fresh, file) = ("proc/sys/kernel/random/uuid", "run/boot_id");
    let id = std::fs::read(fresh).context("get a boot id")?;
    std::fs::write(file, id).context("write the boot id")?;
    bind(file, "proc/sys/kernel/random/boot_id")
}

fn bind(source: &str, target: &str) -> Result<()> {
    rustix::mount::mount_bind(source, target).context(format_args!("bind {source} to {target}"))
}

fn mount(
    source: &str,
    target: &str,
    kind: &str,
    flags: MountFlags,
    data: Option<&CStr>,
) -> Result<()> {
    rustix::mount::mount(source, target, kind, flags, data)
        .context(format_args!("mount {kind} on {target}"))
}
