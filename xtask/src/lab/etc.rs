//! What a host's `/etc` says from its first boot on.
//!
//! Units and settings of the machine end here: a host starts sshd and what systemd itself needs. PostgreSQL, Redis and nginx
//! are installed but neither started nor enabled, so that a deployment brings them up from nothing.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::boot::Plan;
use super::users;
use crate::error::{Context, Result, failed};

/// Units that are useless or harmful in a host: hardware, consoles, clocks, the kernel's settings, upkeep.
const MASKED: [&str; 47] = [
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "console-getty.service",
    "container-getty@.service",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@.service",
    "kmod-static-nodes.service",
    "ldconfig.service",
    "logrotate.timer",
    "man-db.timer",
    "modprobe@.service",
    "networking.service",
    "proc-sys-fs-binfmt_misc.automount",
    "proc-sys-fs-binfmt_misc.mount",
    "serial-getty@.service",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-hwdb-update.service",
    "systemd-journal-catalog-update.service",
    "systemd-journal-flush.service",
    "systemd-journald-audit.socket",
    "systemd-modules-load.service",
    "systemd-networkd-wait-online.service",
    "systemd-networkd.service",
    "systemd-pstore.service",
    "systemd-random-seed.service",
    "systemd-remount-fs.service",
    "systemd-sysctl.service",
    "systemd-timesyncd.service",
    "systemd-tmpfiles-clean.timer",
    "systemd-udev-settle.service",
    "systemd-udev-trigger.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udevd.service",
    "systemd-update-done.service",
];

/// Users' own keys work as well as the lab's, which no deployment can take away.
const SSHD_CONFIG: &str = "\
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/lab_authorized_keys .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
MaxSessions 10
PrintMotd no
UseDNS no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
";

/// Writes all of it; the current directory is the host's root.
pub(crate) fn write(plan: &Plan) -> Result<()> {
    file("etc/hostname", &format!("{}\n", plan.name))?;
    file("etc/hosts", &hosts(plan))?;
    // Without this file systemd would take it for the first boot and enable every unit.
    file("etc/machine-id", &format!("{}\n", plan.machine_id))?;
    file("etc/resolv.conf", "# The lab has no name server.\n")?;
    file("etc/fstab", "")?;
    file("etc/environment", "")?;
    file("etc/bash.bashrc", "")?;
    remove("usr/sbin/policy-rc.d")?;
    sshd(plan)?;
    file("etc/sudoers.d/lab", users::SUDOERS)?;
    chmod("etc/sudoers.d/lab", 0o440)?;
    file("etc/doas.conf", users::DOAS)?;
    chmod("etc/doas.conf", 0o400)?;
    users::create(&plan.sudo_password_hash)?;
    systemd()?;
    forget_running_databases()
}

fn hosts(plan: &Plan) -> String {
    format!("127.0.0.1 localhost\n::1 localhost ip6-localhost\n{}", plan.hosts_lines)
}

fn sshd(plan: &Plan) -> Result<()> {
    for entry in fs::read_dir("etc/ssh").context("list /etc/ssh")?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("ssh_host_") {
            fs::remove_file(entry.path()).context("remove the machine's host keys")?;
        }
    }
    let pam = match plan.init {
        super::Init::Systemd => "UsePAM yes\n",
        super::Init::Sshd => "UsePAM no\n",
    };
    file("etc/ssh/sshd_config", &format!("{SSHD_CONFIG}{pam}"))?;
    file("etc/ssh/lab_authorized_keys", &plan.authorized_keys)?;
    file("etc/ssh/ssh_host_ed25519_key", &plan.host_key)?;
    chmod("etc/ssh/ssh_host_ed25519_key", 0o600)?;
    file("etc/default/ssh", "SSHD_OPTS='-E /var/log/sshd.log'\n")?;
    file("var/log/sshd.log", "")
}

fn systemd() -> Result<()> {
    let units = Path::new("etc/systemd/system");
    for unit in MASKED {
        link("/dev/null", &units.join(unit))?;
    }
    let wants = units.join("multi-user.target.wants");
    fs::create_dir_all(&wants).context("create multi-user.target.wants")?;
    link("/lib/systemd/system/ssh.service", &wants.join("ssh.service"))?;
    link("/lib/systemd/system/ssh.service", &units.join("sshd.service"))?;
    link("/lib/systemd/system/multi-user.target", &units.join("default.target"))?;
    fs::create_dir_all("etc/systemd/journald.conf.d").context("create journald.conf.d")?;
    let journal = "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\nReadKMsg=no\nAudit=no\n";
    file("etc/systemd/journald.conf.d/lab.conf", journal)
}

/// A database that runs on the machine does not run here, whatever its files below say.
fn forget_running_databases() -> Result<()> {
    let Ok(versions) = fs::read_dir("var/lib/postgresql") else { return Ok(()) };
    for version in versions.flatten() {
        for cluster in fs::read_dir(version.path()).into_iter().flatten().flatten() {
            remove(cluster.path().join("postmaster.pid"))?;
        }
    }
    Ok(())
}

/// Writes a file of root; what was there, a link for example, goes first.
fn file(path: &str, text: &str) -> Result<()> {
    remove(path)?;
    fs::write(path, text).context(format_args!("write {path}"))
}

fn link(target: &str, path: &Path) -> Result<()> {
    symlink(target, path).context(format_args!("link {path:?}"))
}

fn chmod(path: &str, mode: u32) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode)).context(format_args!("chmod {path}"))
}

fn remove(path: impl AsRef<Path>) -> Result<()> {
    match fs::remove_file(path.as_ref()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(failed(format!("cannot remove {:?}: {error}", path.as_ref())))
        }
        _ => Ok(()),
    }
}
