//! How a fan-out over cells goes: how many at once, in which batches, and when it stops.

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::error::ErrorKind;
use crate::{Error, Result};

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

/// What was said about a fan-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(hidden)]
pub struct Rollout {
    pub parallel: Option<usize>,
    pub batch: Option<Batch>,
    pub canary: Option<usize>,
    pub max_fail: Option<Batch>,
}

impl Rollout {
    /// The sizes of the batches that `all` cells are cut into; one batch unless told otherwise.
    fn batches(&self, all: usize) -> Vec<usize> {
        let mut sizes = Vec::new();
        let mut left = all;
        if let Some(canary) = self.canary {
            sizes.push(canary.clamp(1, left.max(1)).min(left));
            left -= sizes[0];
        }
        let size = self.batch.map_or(left, |batch| batch.of(all));
        while left > 0 {
            sizes.push(size.min(left));
            left -= size.min(left);
        }
        sizes
    }

    /// Runs `start` for each cell and gives the results in order. Cells that are not started because too many
    /// failed are reported as not attempted.
    pub(crate) async fn run<C, F, T>(
        &self,
        limit: usize,
        cells: impl IntoIterator<Item = (String, C)>,
        start: impl Fn(C) -> F,
    ) -> Vec<Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let cells: Vec<(String, C)> = cells.into_iter().collect();
        let all = cells.len();
        let limit = self.parallel.unwrap_or(limit).max(1);
        let most = self.max_fail.map(|limit| limit.of(all));
        let mut failed = 0;
        let mut results: Vec<Option<Result<T>>> = (0..all).map(|_| None).collect();
        let mut waiting = cells.into_iter().enumerate();
        let mut names = Vec::with_capacity(all);
        for size in self.batches(all) {
            let mut batch = waiting.by_ref().take(size);
            let mut running = FuturesUnordered::new();
            loop {
                while running.len() < limit && most.is_none_or(|most| failed < most) {
                    let Some((index, (name, cell))) = batch.next() else { break };
                    names.push(name);
                    let work = start(cell);
                    running.push(async move { (index, work.await) });
                }
                let Some((index, result)) = running.next().await else { break };
                failed += usize::from(result.is_err());
                results[index] = Some(result.map_err(|error| named(&names[index], error)));
            }
            if most.is_some_and(|most| failed >= most) {
                break;
            }
        }
        names.extend(waiting.map(|(_, (name, _))| name));
        results
            .into_iter()
            .zip(names)
            .map(|(result, name)| result.unwrap_or_else(|| Err(not_attempted(name, failed))))
            .collect()
    }
}

fn not_attempted(host: String, failed: usize) -> Error {
    let reason = match failed {
        1 => "because a host failed before it".to_owned(),
        n => format!("because {n} hosts failed before it"),
    };
    Error::new(ErrorKind::NotAttempted { host, reason })
}

/// A plain message says on which cell it came up.
fn named(host: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Message(message) => Error::host(host, message),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout() -> Rollout {
        Rollout { batch: Some(Batch::percent(25)), ..Rollout::default() }
    }

    #[test]
    fn batches_cover_every_cell_once() {
        assert_eq!(rollout().batches(10), [3, 3, 3, 1]);
        assert_eq!(Rollout { canary: Some(1), ..rollout() }.batches(4), [1, 1, 1, 1]);
        assert_eq!(Rollout { canary: Some(9), ..Rollout::default() }.batches(3), [3]);
        assert_eq!(Rollout { canary: Some(1), ..Rollout::default() }.batches(0), [0]);
        assert_eq!(Rollout::default().batches(0), [0; 0]);
    }

    #[tokio::test]
    async fn a_rollout_stops_when_too_many_failed() {
        let cells = (0..6).map(|n| (format!("web{n}"), n));
        let rollout = Rollout { max_fail: Some(2.into()), parallel: Some(1), ..rollout() };
        let results = rollout
            .run(32, cells, async |n| if n % 2 == 1 { Err(Error::msg("no")) } else { Ok(n) })
            .await;
        let shown: Vec<String> = results
            .iter()
            .map(|result| result.as_ref().map_or_else(ToString::to_string, ToString::to_string))
            .collect();
        assert_eq!(shown[..4], ["0", "web1: no", "2", "web3: no"]);
        assert_eq!(shown[4], "web4: not attempted, because 2 hosts failed before it");
        assert_eq!(shown.len(), 6);
    }
}
