//! How a rollout goes, as data: how many cells at once, in which batches, with which pause, and when it stops.
//!
//! `node::rollout` carries it out; [`Env`](crate::Env) holds what holds for every one that says nothing of its own.

use std::time::Duration;

/// A number of hosts, or a share of all of them.
///
/// ```
/// use deploy_core::prelude::*;
/// assert_eq!(Batch::percent(25).of(10), 3);
/// assert_eq!(Batch::hosts(4).of(10), 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch(Share);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Hosts(usize),
    Percent(usize),
}

impl Batch {
    /// This many hosts.
    #[must_use]
    pub const fn hosts(n: usize) -> Self {
        Self(Share::Hosts(n))
    }

    /// This share of all hosts, rounded up.
    #[must_use]
    pub const fn percent(percent: usize) -> Self {
        Self(Share::Percent(percent))
    }

    /// How many that is of `all`; at least one.
    #[must_use]
    pub const fn of(self, all: usize) -> usize {
        let n = match self.0 {
            Share::Hosts(n) => n,
            Share::Percent(percent) => (all * percent).div_ceil(100),
        };
        if n == 0 { 1 } else { n }
    }
}

impl From<usize> for Batch {
    fn from(hosts: usize) -> Self {
        Self::hosts(hosts)
    }
}

/// What is waited for between two batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchPause {
    /// This much time.
    For(Duration),
    /// Somebody's yes, on the console. A no ends the rollout: the batches that are left are not attempted.
    Ask,
}

impl From<Duration> for BatchPause {
    fn from(time: Duration) -> Self {
        Self::For(time)
    }
}

/// What was said about a fan-out over cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(hidden)]
pub struct Rollout {
    pub parallel: Option<usize>,
    pub batch: Option<Batch>,
    pub pause: Option<BatchPause>,
    pub canary: Option<usize>,
    pub max_fail: Option<Batch>,
}

impl Rollout {
    /// All at once and to the end, whatever the environment says.
    pub(crate) fn whole() -> Self {
        let all = Some(Batch::hosts(usize::MAX));
        Self { batch: all, max_fail: all, canary: Some(0), ..Self::default() }
    }

    /// This, and what `other` says where this says nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            parallel: self.parallel.or(other.parallel),
            batch: self.batch.or(other.batch),
            pause: self.pause.or(other.pause),
            canary: self.canary.or(other.canary),
            max_fail: self.max_fail.or(other.max_fail),
        }
    }

    /// How many of `all` cells are canaries.
    pub(crate) fn canaries(&self, all: usize) -> usize {
        self.canary.unwrap_or(0).min(all)
    }

    /// The sizes of the batches that `all` cells are cut into, canaries first; one batch unless told otherwise.
    pub(crate) fn batches(&self, all: usize) -> Vec<usize> {
        let canaries = self.canaries(all);
        let mut sizes = Vec::new();
        if canaries > 0 {
            sizes.push(canaries);
        }
        let mut left = all - canaries;
        let size = self.batch.map_or(left, |batch| batch.of(all));
        while left > 0 {
            sizes.push(size.min(left));
            left -= size.min(left);
        }
        sizes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_cover_every_cell_once() {
        let quarter = Rollout { batch: Some(Batch::percent(25)), ..Rollout::default() };
        assert_eq!(quarter.batches(10), [3, 3, 3, 1]);
        assert_eq!(Rollout { canary: Some(1), ..quarter }.batches(4), [1, 1, 1, 1]);
        assert_eq!(Rollout { canary: Some(9), ..Rollout::default() }.batches(3), [3]);
        assert_eq!(Rollout { canary: Some(1), ..Rollout::default() }.batches(0), [0; 0]);
        assert_eq!(Rollout::default().batches(0), [0; 0]);
        assert_eq!(Rollout::whole().or(quarter).batches(10), [10]);
    }
}
