//! What the program's exit code says.

/// What the program's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// 0: done.
    Done = 0,
    /// 1: an action failed.
    Failed = 1,
    /// 2: a mistake in the command line; no host was touched.
    Usage = 2,
    /// 3: a host was unreachable, and nothing else failed.
    Unreachable = 3,
    /// 4: a dry run found changes.
    WouldChange = 4,
    /// 130: interrupted.
    Interrupted = 130,
}

impl ExitCode {
    /// Of several failures the gravest decides: interrupted, then failed, then unreachable, then usage. Nothing of what is no failure.
    pub(crate) fn gravest(codes: impl IntoIterator<Item = Self>) -> Option<Self> {
        let gravity = |code: &Self| match code {
            Self::Interrupted => 4,
            Self::Failed => 3,
            Self::Unreachable => 2,
            Self::Usage => 1,
            Self::Done | Self::WouldChange => 0,
        };
        codes.into_iter().max_by_key(gravity).filter(|code| gravity(code) > 0)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
