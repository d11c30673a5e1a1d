//! The lab's keys and its one password, all made anew for each lab.

use std::fs;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::state::Paths;
use crate::command;
use crate::error::{Context, Result};

/// The private key that all users of all hosts accept.
pub(crate) fn user_key(paths: &Paths) -> PathBuf {
    paths.dir.join("keys/user")
}

/// A host's private key.
pub(crate) fn host_key(paths: &Paths, name: &str) -> PathBuf {
    paths.dir.join(format!("keys/host-{name}"))
}

/// Makes an ed25519 key and `.pub` beside it, unless it is there.
pub(crate) fn generate(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f"]).arg(path);
    command::output(&mut command).map(drop)
}

/// The public half of a key, without its comment.
pub(crate) fn public(path: &Path) -> Result<String> {
    let public = path.with_extension("pub");
    let text = fs::read_to_string(&public).context(format_args!("read {public:?}"))?;
    Ok(text.split(' ').take(2).collect::<Vec<_>>().join(" "))
}

/// Makes the password of the user `sudoer` and of root, writes it down and returns its crypt(3) hash.
pub(crate) fn sudo_password(paths: &Paths) -> Result<String> {
    let password = random_hex()?;
    write_private(&paths.dir.join("sudo_password"), &format!("{password}\n"))?;
    let mut command = Command::new("openssl");
    let hash = command::output_with_input(command.args(["passwd", "-6", "-stdin"]), &password)?;
    Ok(hash.trim().to_owned())
}

/// 128 random bits.
pub(crate) fn random_hex() -> Result<String> {
    let mut bytes = [0; 16];
    let mut source = fs::File::open("/dev/urandom").context("open /dev/urandom")?;
    source.read_exact(&mut bytes).context("read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context(format_args!("write {path:?}"))
}
