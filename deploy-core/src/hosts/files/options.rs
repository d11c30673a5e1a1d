//! [`WriteOptions`]: what a written file shall be besides its content, and the command that writes it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::script;
use crate::command::{Cmd, IntoCmd, Part, RemotePath, Stdin, ToWords};
use crate::{Error, Result};

/// Mode and owner of a file that is written, and a check that it must pass. What is not said stays as it is; a new file belongs to the user
/// who writes, with the mode that the umask leaves, and a new one with a secret in it is for that user alone.
///
/// A file that is replaced keeps its owner and group. A user who may not give it to them gets an error that says so, and the old file stays: who
/// reads it by them must not lose it unnoticed. An owner that is said wins: `user:group` with a group of one's own.
///
/// ```
/// use deploy_core::WriteOptions;
/// use deploy_core::prelude::*;
/// let options = WriteOptions::new().mode(0o440).owner("root:root").validate(cmd!("visudo -cq"));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct WriteOptions {
    mode: Option<u32>,
    owner: Option<String>,
    check: Option<Cmd>,
}

impl WriteOptions {
    /// Nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// These permission bits.
    pub const fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// This owner, as `chown` takes it: `user`, `user:group` or `:group`. What is left out stays.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// A command that the new file must pass, such as `nginx -t`. It runs with the new file in place. If it fails or is interrupted, the old
    /// file is put back, or the new one taken away where there was none, and writing fails with what the command said.
    pub fn validate(mut self, cmd: impl IntoCmd) -> Self {
        self.check = Some(cmd.into_cmd());
        self
    }

    /// The command that writes `content` to `path`, all or nothing, for operations that plan it;
    /// [`write_file_with`](crate::Host::write_file_with) runs the same one.
    ///
    /// # Errors
    /// When the content is a file of this machine that cannot be read.
    ///
    /// ```
    /// use deploy_core::WriteOptions;
    /// let cmd = WriteOptions::new().command("/etc/motd", "Welcome\n")?;
    /// assert_eq!(cmd.to_string(), "write 8 bytes to /etc/motd");
    /// # Ok::<_, deploy_core::Error>(())
    /// ```
    pub fn command(&self, path: impl Into<RemotePath>, content: impl Into<Stdin>) -> Result<Cmd> {
        let (path, mut content) = (path.into(), content.into());
        if matches!(content, Stdin::Null) {
            content = Stdin::Bytes([].into());
        }
        let (bytes, new_mode) = match &content {
            Stdin::Null => (0, 0o666),
            Stdin::Bytes(bytes) => (bytes.len() as u64, 0o666),
            Stdin::Secret(bytes) => (bytes.expose().len() as u64, 0o600),
            Stdin::Parts(parts) => (parts.iter().map(Part::len).sum(), 0o666),
            Stdin::File(local) => of_local(local)?,
        };
        let what = match &content {
            Stdin::File(local) => format!("put {} ({bytes} bytes) to {path}", local.display()),
            _ => format!("write {bytes} bytes to {path}"),
        };
        let len = bytes.to_string();
        let owner = self.owner.as_deref().unwrap_or_default();
        let mode = self.mode.map_or_else(String::new, |mode| format!("{mode:o}"));
        let new_mode = format!("0{new_mode:o}");
        let check = self.check.clone().unwrap_or_else(Cmd::new);
        let words: [&dyn ToWords; 6] = [&path, &len, &owner, &mode, &new_mode, &check];
        let content = match content {
            // Its length is the one that the script is told.
            Stdin::File(path) => Stdin::Parts([Part::File { path, len: bytes }].into()),
            content => content,
        };
        Ok(Cmd::script(script::WRITE, words).stdin(content).described_as(what))
    }
}

/// Length and permission bits of a regular file.
fn of_local(local: &Path) -> Result<(u64, u32)> {
    let cannot =
        |why: &dyn std::fmt::Display| Error::msg(format!("cannot copy {}: {why}", local.display()));
    let metadata = std::fs::metadata(local).map_err(|error| cannot(&error))?;
    if !metadata.is_file() {
        return Err(cannot(&"it is no regular file"));
    }
    Ok((metadata.len(), metadata.permissions().mode() & 0o777))
}
