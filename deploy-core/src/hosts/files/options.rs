//! [`WriteOptions`]: what a written file shall be besides its content.

/// Mode and owner of a file that is written. What is not said stays as it is; a new file belongs to the user who writes, with the mode
/// that the umask leaves.
///
/// ```
/// use deploy_core::WriteOptions;
/// let options = WriteOptions::new().mode(0o640).owner("root:adm");
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct WriteOptions {
    pub(super) mode: Option<u32>,
    pub(super) owner: Option<String>,
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

    /// This owner, as `chown` takes it: `user`, `user:group` or `:group`.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }
}
