//! How often a command is tried again.

use std::time::Duration;

/// A retry policy for one command that may be run again.
///
/// Transport errors before a command started are retried by the connection itself; this policy is
/// for the command's own failures, so it is for commands that may be repeated.
///
/// ```
/// use deploy_core::Retry;
/// use std::time::Duration;
/// let policy = Retry::times(3).delay(Duration::from_secs(2));
/// assert_eq!(policy.attempts(), 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    times: u32,
    delay: Duration,
}

impl Retry {
    /// Tries up to `n` times more after the first failure, a second apart.
    #[must_use]
    pub const fn times(n: u32) -> Self {
        Self { times: n, delay: Duration::from_secs(1) }
    }

    /// No second attempt.
    #[must_use]
    pub const fn never() -> Self {
        Self { times: 0, delay: Duration::ZERO }
    }

    /// The pause before each further attempt.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How often the command runs at most.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.times.saturating_add(1)
    }

    pub(crate) const fn pause(&self) -> Duration {
        self.delay
    }
}
