//! [`SyncOptions`]: what a directory that is brought over shall be like there.

use super::exclude::Excluded;

/// How `sync_dir` treats what it finds and what it sends.
///
/// ```
/// use deploy_core::{Compare, Delete, Modes, SyncOptions};
/// let options = SyncOptions::new()
///     .delete(Delete::Extra)
///     .exclude(["*.map", "/cache"])
///     .modes(Modes::Executable)
///     .owner("app:app")
///     .compare(Compare::Content);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct SyncOptions {
    pub(super) delete: Delete,
    pub(super) exclude: Excluded,
    pub(super) modes: Modes,
    pub(super) owner: Option<String>,
    pub(super) compare: Compare,
}

/// What becomes of files that the host has and this machine has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delete {
    /// They stay.
    #[default]
    Nothing,
    /// They go, unless they are excluded. Refused when the local directory is empty, and for a root, a home or a current directory.
    Extra,
}

/// Which permission bits files and directories get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Modes {
    /// Those that they have here, without set-user-ID, set-group-ID and sticky bits.
    #[default]
    Local,
    /// 0755 for directories and for what its owner may run here, 0644 for the rest: the same whatever umask a checkout was made with.
    Executable,
    /// These, whatever they are here.
    Fixed {
        /// Of regular files, without set-user-ID and set-group-ID.
        file: u32,
        /// Of directories, such as `0o2775`.
        directory: u32,
    },
}

/// When a file on the host counts as the same as the one here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compare {
    /// When its SHA-256 is the same. Reads every file on both sides; times do not matter, so a fresh checkout of the same sources
    /// changes nothing.
    #[default]
    Content,
    /// When its size and its time of change, in seconds, are the same, as rsync does: for trees that are too large to be read each time. Another
    /// content of the same size and time is not noticed.
    SizeAndTime,
}

impl SyncOptions {
    /// Nothing is deleted, nothing left out, modes are as here, contents are compared.
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of files that are only on the host.
    pub const fn delete(mut self, policy: Delete) -> Self {
        self.delete = policy;
        self
    }

    /// Leaves out what fits one of these patterns: it is neither sent nor deleted, and if it is a directory, neither is what is in it.
    ///
    /// `*` and `?` stand for anything within a name and `**` for any number of directories. A pattern with a `/` at its beginning or
    /// in its middle is compared with the path below the directory, any other with the name at every depth; one that ends with `/` fits
    /// directories alone. May be called again to add more.
    pub fn exclude<P: AsRef<str>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.exclude.extend(patterns);
        self
    }

    /// Which permission bits files and directories get.
    pub const fn modes(mut self, policy: Modes) -> Self {
        self.modes = policy;
        self
    }

    /// Whom everything in it belongs to, as `chown` takes it: `user`, `user:group` or `:group`. Unless this is said a file that is replaced
    /// keeps its owner and a new one belongs to the user who writes.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// When a file counts as the same.
    pub const fn compare(mut self, policy: Compare) -> Self {
        self.compare = policy;
        self
    }
}

impl Modes {
    /// The bits for a file or directory that has `local` here.
    pub(super) const fn of(self, local: u32, is_directory: bool) -> u32 {
        match self {
            Self::Local => local & 0o777,
            Self::Executable if is_directory || local & 0o100 != 0 => 0o755,
            Self::Executable => 0o644,
            Self::Fixed { directory, .. } if is_directory => directory & 0o7777,
            Self::Fixed { file, .. } => file & 0o777,
        }
    }
}
