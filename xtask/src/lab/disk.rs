//! A host's disk: the upper layer of its overlay, on the keeper's tmpfs, kept over crashes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::XattrFlags;

use crate::error::{Context, Result};

/// Directories that start empty, whatever the machine has in them, with their modes.
const FRESH: [(&str, u32); 15] = [
    ("etc/profile.d", 0o755),
    ("etc/rc0.d", 0o755),
    ("etc/rc1.d", 0o755),
    ("etc/rc2.d", 0o755),
    ("etc/rc3.d", 0o755),
    ("etc/rc4.d", 0o755),
    ("etc/rc5.d", 0o755),
    ("etc/rc6.d", 0o755),
    ("etc/ssh/sshd_config.d", 0o755),
    ("etc/sudoers.d", 0o750),
    ("etc/systemd/system", 0o755),
    ("etc/update-motd.d", 0o755),
    ("home", 0o755),
    ("root", 0o700),
    ("var/tmp", 0o1777),
];

/// The directories of one disk, relative to it.
pub(crate) const UPPER: &str = "upper";
/// What overlayfs needs for itself.
pub(crate) const WORK: &str = "work";
/// Where the host's root gets mounted.
pub(crate) const ROOT: &str = "root";

/// Makes a disk in the directory; false when there was one already.
pub(crate) fn prepare(dir: &Path) -> Result<bool> {
    let upper = dir.join(UPPER);
    if upper.exists() {
        return Ok(false);
    }
    for part in [UPPER, WORK, ROOT] {
        create(&dir.join(part), 0o755)?;
    }
    for (path, mode) in FRESH {
        let path = upper.join(path);
        create(&path, mode)?;
        // This tells overlayfs not to look for the directory in the layer below.
        rustix::fs::setxattr(&path, "trusted.overlay.opaque", b"y", XattrFlags::empty())
            .context(format_args!("set an attribute of {path:?}"))?;
    }
    Ok(true)
}

fn create(path: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(path).context(format_args!("create {path:?}"))?;
    fs::set_permissions(path, Permissions::from_mode(mode)).context(format_args!("chmod {path:?}"))
}
