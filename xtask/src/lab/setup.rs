//! `lab setup`: the Debian packages that hosts have, installed on the machine because its `/` is below theirs.
//!
//! None of their services is started or enabled there. A second call finds everything present and is fast.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::command;
use crate::error::{Context, Error, Result, failed};

/// What the lab itself or a deployment to it needs.
const PACKAGES: [&str; 30] = [
    "busybox-static",
    "crun",
    "curl",
    "dbus",
    "fish",
    "git",
    "iproute2",
    "iputils-ping",
    "ksh93u+m",
    "libfaketime",
    "libpam-systemd",
    "libpam0g-dev",
    "mksh",
    "nginx",
    "opendoas",
    "openssh-client",
    "openssh-server",
    "openssl",
    "podman",
    "postgresql",
    "procps",
    "redis-server",
    "rsync",
    "sudo",
    "systemd",
    "systemd-container",
    "tar",
    "tcsh",
    "util-linux",
    "zsh",
];

/// Services that a package enables when it is installed.
const SERVICES: [(&str, &str); 10] = [
    ("nginx", "nginx.service"),
    ("openssh-server", "ssh.service"),
    ("podman", "podman-auto-update.service"),
    ("podman", "podman-auto-update.timer"),
    ("podman", "podman-restart.service"),
    ("podman", "podman.service"),
    ("podman", "podman.socket"),
    ("postgresql", "postgresql.service"),
    ("redis-server", "redis-server.service"),
    ("systemd-container", "machines.target"),
];

/// Directories that must be on the same file system as `/` to be seen below a host's root.
const ON_ROOT: [&str; 5] = ["/etc", "/lib", "/usr", "/var", "/var/lib"];

const POLICY: &str = "/usr/sbin/policy-rc.d";
const POLICY_ASIDE: &str = "/usr/sbin/policy-rc.d.before-lab";

/// `lab setup`.
pub(crate) fn run() -> Result<ExitCode> {
    let installed = ensure()?;
    let text = if installed { "The packages are installed." } else { "Nothing is missing." };
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// Installs what is missing; false when nothing was.
pub(crate) fn ensure() -> Result<bool> {
    check_root_file_system()?;
    let missing = missing()?;
    if missing.is_empty() {
        return ensure_cluster();
    }
    println!("Installing {} (their services are not started)", missing.join(", "));
    let before = running_services()?;
    {
        let _policy = Policy::forbid_starts()?;
        install(&missing).map_err(|error| Error::LabNotPossible(error.to_string()))?;
    }
    for (package, service) in SERVICES {
        if missing.contains(&package) {
            command::output(Command::new("systemctl").args(["--quiet", "disable", service]))?;
        }
    }
    let started: Vec<String> =
        running_services()?.into_iter().filter(|name| !before.contains(name)).collect();
    if started.is_empty() {
        ensure_cluster().map(|_| true)
    } else {
        Err(failed(format!("installing packages has started {}", started.join(", "))))
    }
}

/// Creates Debian's `main` cluster where somebody has removed it; false when it is there.
fn ensure_cluster() -> Result<bool> {
    let versions = |dir: &str| -> Vec<String> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let configured = versions("/etc/postgresql");
    if configured
        .iter()
        .any(|version| Path::new("/etc/postgresql").join(version).join("main").exists())
    {
        return Ok(false);
    }
    let installed = versions("/usr/lib/postgresql").into_iter().max();
    let version = installed.ok_or_else(|| failed("PostgreSQL has no programs"))?;
    let mut command = Command::new("pg_createcluster");
    command.args([version.as_str(), "main"]).env("LC_ALL", "C.UTF-8");
    command::output(&mut command).map(|_| true)
}

fn check_root_file_system() -> Result<()> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").context("read the mounts")?;
    match ON_ROOT.iter().find(|dir| is_mount_point(&mounts, dir)) {
        None => Ok(()),
        Some(dir) => Err(Error::LabNotPossible(format!(
            "{dir} is a file system of its own, so hosts would not have it"
        ))),
    }
}

fn is_mount_point(mountinfo: &str, dir: &str) -> bool {
    mountinfo.lines().any(|line| line.split(' ').nth(4) == Some(dir))
}

fn missing() -> Result<Vec<&'static str>> {
    if !command::exists("dpkg-query") {
        return Err(Error::LabNotPossible("this is no Debian system: no dpkg-query".into()));
    }
    // dpkg-query fails when it does not know a package, and still tells about the others.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(PACKAGES)
        .output()
        .context("run dpkg-query")?;
    Ok(not_installed(&String::from_utf8_lossy(&output.stdout)))
}

fn not_installed(listing: &str) -> Vec<&'static str> {
    let installed: Vec<&str> =
        listing.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    PACKAGES.into_iter().filter(|package| !installed.contains(package)).collect()
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !command::exists("apt-get") {
        return Err(Error::LabNotPossible(format!("no apt-get to install {}", packages.join(" "))));
    }
    let install = || {
        let mut command = Command::new("apt-get");
        command
            .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
            .args(["-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0"])
            .args(["-o", "DPkg::Lock::Timeout=120"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // PostgreSQL's first cluster takes its encoding from here.
            .env("LC_ALL", "C.UTF-8");
        command::output(&mut command).map(drop)
    };
    // The lists of a fresh or old machine are absent or stale.
    if install().is_ok() {
        return Ok(());
    }
    command::output(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    install()
}

/// The names of services among the machine's processes.
fn running_services() -> Result<Vec<String>> {
    const NAMES: [&str; 4] = ["nginx", "postgres", "redis-server", "sshd"];
    let mut running = Vec::new();
    let own = fs::read_link("/proc/self/ns/pid").context("read the pid namespace")?;
    for entry in fs::read_dir("/proc").context("list processes")?.flatten() {
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        let name = name.trim();
        // Lab hosts run such services too, in pid namespaces of their own.
        let here = fs::read_link(entry.path().join("ns/pid")).is_ok_and(|ns| ns == own);
        if here && NAMES.contains(&name) && !running.iter().any(|known| known == name) {
            running.push(name.to_owned());
        }
    }
    Ok(running)
}

/// While it lives, no package starts a service.
struct Policy;

impl Policy {
    fn forbid_starts() -> Result<Self> {
        // An interrupted setup has left the machine's own policy aside; that one must survive.
        if !Path::new(POLICY_ASIDE).exists() {
            match fs::rename(POLICY, POLICY_ASIDE) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed(format!("cannot move {POLICY} aside: {error}")));
                }
                _ => {}
            }
        }
        let policy = Self;
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").context(format_args!("write {POLICY}"))?;
        fs::set_permissions(POLICY, Permissions::from_mode(0o755))
            .context(format_args!("chmod {POLICY}"))?;
        Ok(policy)
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        let restored = match fs::rename(POLICY_ASIDE, POLICY) {
            Err(error) if error.kind() == ErrorKind::NotFound => fs::remove_file(POLICY),
            restored => restored,
        };
        if let Err(error) = restored {
            eprintln!("warning: cannot restore {POLICY}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_is_missing() {
        let listing: String = PACKAGES.iter().map(|name| format!("{name} installed\n")).collect();
        assert!(not_installed(&listing).is_empty());
        let listing = listing.replace("zsh installed", "zsh config-files");
        assert_eq!(not_installed(&listing), ["zsh"]);
    }

    #[test]
    fn mount_points_are_the_fifth_field() {
        let text = "22 1 8:1 / / rw - ext4 /dev/sda rw\n23 22 8:2 / /var rw - ext4 /dev/sdb rw\n";
        assert!(is_mount_point(text, "/var"));
        assert!(!is_mount_point(text, "/usr"));
    }
}
