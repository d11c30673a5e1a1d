//! Carries out a fan-out over cells: starts so many at once, batch after batch, and stops where it was told to.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use crate::batch::{BatchPause, Rollout};
use crate::env::{self, Env};
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::{Error, Result};

/// How long cells that are at work may go on once too many others have failed: some have all but done theirs, and what does not
/// listen to its end takes two seconds more.
const GRACE: Duration = Duration::from_secs(1);

/// Why cells are not started.
#[derive(Debug)]
enum Stop {
    /// So many have failed.
    Failed(usize),
    /// A canary has.
    Canary,
    /// The gate after this batch did not open.
    Gate(usize),
    /// Somebody did not want the next batch, or could not be asked.
    Unwanted(String),
    /// The run was aborted.
    Aborted(String),
    /// The run was interrupted.
    Cancelled,
}

impl Stop {
    fn error(&self, host: String) -> Error {
        let reason = match self {
            Self::Cancelled => {
                let detail = "before it began".to_owned();
                return Error::new(ErrorKind::Cancelled { host: Some(host), detail });
            }
            Self::Failed(n) => format!("because {} failed before it", hosts(*n)),
            Self::Canary => "because a canary failed".to_owned(),
            Self::Gate(batch) => format!("because the gate after batch {batch} failed"),
            Self::Unwanted(reason) | Self::Aborted(reason) => reason.clone(),
        };
        Error::new(ErrorKind::NotAttempted { host, reason })
    }

    /// What a cell came to that was at work and was ended; any other error of its own stays.
    fn ended(&self, host: &str, error: Error) -> Error {
        let details: Option<Vec<&str>> = error.failures().map(cancelled).collect();
        let (Self::Failed(n), Some(mut details)) = (self, details) else { return error };
        details.retain(|detail| !detail.is_empty());
        let mut reason = format!("because {} failed", hosts(*n));
        if !details.is_empty() {
            reason.push_str(&format!(" ({})", details.join("; ")));
        }
        Error::new(ErrorKind::Ended { host: host.to_owned(), reason })
    }
}

/// What is known of the end of a command that was cancelled.
fn cancelled(error: &Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::Cancelled { detail, .. } => Some(detail),
        _ => None,
    }
}

fn hosts(n: usize) -> String {
    if n == 1 { "a host".to_owned() } else { format!("{n} hosts") }
}

/// Runs `start` for each cell and gives the results in order. Cells that are not started are reported as not attempted; those that are at
/// work when too many others have failed are ended.
///
/// After each batch `gate` is given the indices of its cells that did not fail. When it fails the rollout ends, and what it fails
/// with takes the place of the results of the cells that it names, or else of the last of the batch.
pub(crate) async fn run<C, F, T, G>(
    rollout: Rollout,
    env: &Env,
    cells: Vec<(String, C)>,
    start: impl Fn(C) -> F,
    gate: impl Fn(Vec<usize>) -> G,
) -> Vec<Result<T>>
where
    F: Future<Output = Result<T>>,
    G: Future<Output = Result>,
{
    let all = cells.len();
    let limit = rollout.parallel.unwrap_or_else(|| env.parallelism()).max(1);
    let most = rollout.max_fail.map(|limit| limit.of(all));
    let sizes = rollout.batches(all);
    let (names, cells): (Vec<String>, Vec<C>) = cells.into_iter().unzip();
    let mut results: Vec<Option<Result<T>>> = (0..all).map(|_| None).collect();
    let mut cells = cells.into_iter().enumerate();
    let (mut failed, mut begin) = (0, 0);
    let mut stop = None;
    for (number, size) in sizes.iter().enumerate() {
        let batch = begin..begin + size;
        if number > 0
            && let Some(pause) = rollout.pause
            && let Err(reason) = wait(env, pause, &names[batch.clone()]).await
        {
            stop = Some(reason);
            break;
        }
        if sizes.len() > 1 {
            let list = names[batch.clone()].join(", ");
            let text = format!("batch {} of {}: {list}", number + 1, sizes.len());
            env.emit(EventKind::Note { host: None, text });
        }
        let (above, mut deadline) = (env.ending(), None);
        let end = above.child_token();
        let mut running = FuturesUnordered::new();
        let mut waiting = cells.by_ref().take(*size);
        loop {
            while stop.is_none() && running.len() < limit {
                stop = stopped(env, failed, most);
                if stop.is_some() {
                    break;
                }
                let Some((index, cell)) = waiting.next() else { break };
                let work = env::ended_by(end.clone(), start(cell));
                running.push(async move { (index, work.await) });
            }
            if matches!(stop, Some(Stop::Failed(_))) {
                deadline.get_or_insert_with(|| Instant::now() + GRACE);
            }
            let overdue = async {
                match deadline {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let next = tokio::select! {
                biased;
                next = running.next() => next,
                () = overdue, if !end.is_cancelled() => {
                    end.cancel();
                    continue;
                }
            };
            let Some((index, result)) = next else { break };
            failed += usize::from(result.is_err());
            results[index] = Some(result.map_err(|error| {
                let error = error.on_host(&names[index]);
                match &stop {
                    Some(stop) if !above.is_cancelled() => stop.ended(&names[index], error),
                    _ => error,
                }
            }));
        }
        stop = stop.or_else(|| stopped(env, failed, most));
        if number == 0 && failed > 0 && rollout.canaries(all) > 0 {
            stop.get_or_insert(Stop::Canary);
        }
        if stop.is_none()
            && let Err(error) = through(&gate, &results, batch.clone()).await
        {
            stop = Some(Stop::Gate(number + 1));
            blame(error, &names, &mut results, batch.clone());
        }
        if stop.is_some() {
            break;
        }
        begin = batch.end;
    }
    let stop = stop.unwrap_or(Stop::Failed(failed));
    let result = |(result, name): (Option<Result<T>>, String)| {
        result.unwrap_or_else(|| Err(stop.error(name)))
    };
    results.into_iter().zip(names).map(result).collect()
}

/// Why no further cell is started now, if so.
fn stopped(env: &Env, failed: usize, most: Option<usize>) -> Option<Stop> {
    if env.cancellation().is_cancelled() {
        return Some(Stop::Cancelled);
    }
    if most.is_some_and(|most| failed >= most) {
        return Some(Stop::Failed(failed));
    }
    env.failures().aborted().map(Stop::Aborted)
}

/// Waits before a batch.
async fn wait(env: &Env, pause: BatchPause, next: &[String]) -> Result<(), Stop> {
    match pause {
        BatchPause::For(time) => {
            tokio::select! {
                () = tokio::time::sleep(time) => Ok(()),
                () = env.cancellation().cancelled() => Err(Stop::Cancelled),
            }
        }
        BatchPause::Ask => {
            let question = format!("Go on with the next batch ({})?", next.join(", "));
            let _terminal = env.terminal().lock().await;
            let console = env.console().clone();
            let asked = tokio::task::spawn_blocking(move || console.confirm(question)).await;
            match asked.map_err(Error::from).and_then(|answer| answer) {
                Ok(true) => Ok(()),
                Ok(false) => Err(Stop::Unwanted("because the answer was no".to_owned())),
                Err(_) if env.cancellation().is_cancelled() => Err(Stop::Cancelled),
                Err(error) => Err(Stop::Unwanted(format!("because {error}"))),
            }
        }
    }
}

/// Lets the cells of a batch that did not fail through the gate.
async fn through<T, G: Future<Output = Result>>(
    gate: &impl Fn(Vec<usize>) -> G,
    results: &[Option<Result<T>>],
    batch: std::ops::Range<usize>,
) -> Result {
    let well = |index: &usize| matches!(results[*index], Some(Ok(_)));
    let well: Vec<usize> = batch.filter(well).collect();
    if well.is_empty() { Ok(()) } else { gate(well).await }
}

/// Makes what a gate failed with the results of the cells that it is about.
fn blame<T>(
    error: Error,
    names: &[String],
    results: &mut [Option<Result<T>>],
    batch: std::ops::Range<usize>,
) {
    for error in error.flatten() {
        let about = batch.clone().find(|index| error.host_name() == Some(&names[*index]));
        let index = about.unwrap_or(batch.end - 1);
        let error = if about.is_some() { error } else { error.on_host(&names[index]) };
        results[index] = Some(Err(match results[index].take() {
            Some(Err(other)) => Error::several(vec![other, error]),
            _ => error,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;

    /// What becomes of six cells of which the odd ones fail, one after the other.
    async fn shown(rollout: Rollout, gate: fn(Vec<usize>) -> Result) -> Vec<String> {
        let cells = (0..6).map(|n| (format!("web{n}"), n)).collect();
        let rollout = Rollout { parallel: Some(1), ..rollout };
        let start = async |n| if n % 2 == 1 { Err(Error::msg("no")) } else { Ok(n) };
        let results = run(rollout, &Env::quiet(), cells, start, async |well| gate(well)).await;
        results
            .iter()
            .map(|result| result.as_ref().map_or_else(ToString::to_string, ToString::to_string))
            .collect()
    }

    #[tokio::test]
    async fn a_rollout_stops_when_too_many_failed() {
        let rollout = Rollout { max_fail: Some(2.into()), ..Rollout::default() };
        let shown = shown(rollout, |_| Ok(())).await;
        assert_eq!(shown[..4], ["0", "web1: no", "2", "web3: no"]);
        assert_eq!(shown[4], "web4: not attempted, because 2 hosts failed before it");
        assert_eq!(shown.len(), 6);
    }

    /// What takes as long as its host is told to is ended, what is done soon is not, and the reason is told.
    #[tokio::test]
    async fn what_runs_when_too_many_failed_is_ended() {
        let env = Env::quiet();
        let cells = [("bad", 0_u64), ("quick", 1), ("slow", 1_000_000), ("own", 2_000_000)];
        let cells = cells.map(|(name, time)| (name.to_owned(), (name, time))).into();
        let start = async |(name, time)| {
            if name == "bad" {
                return Err(Error::msg("no"));
            }
            let ending = env.ending();
            let ended = tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(time)) => false,
                () = ending.cancelled() => true,
            };
            let detail = "it may still run".to_owned();
            match (ended, name) {
                (false, _) => Ok(name),
                (true, "own") => Err(Error::msg("my own words")),
                (true, _) => Err(Error::new(ErrorKind::Cancelled { host: None, detail })),
            }
        };
        let rollout = Rollout { max_fail: Some(1.into()), ..Rollout::default() };
        let open = |_| std::future::ready(Ok(()));
        let results = run(rollout, &env, cells, start, open).await;
        let shown: Vec<String> = results
            .iter()
            .map(|result| result.as_ref().map_or_else(ToString::to_string, ToString::to_string))
            .collect();
        let slow = "slow: cancelled, because a host failed (it may still run)";
        assert_eq!(shown, ["bad: no", "quick", slow, "own: my own words"]);
        assert!(!env.cancellation().is_cancelled());
        assert_eq!(results[2].as_ref().unwrap_err().exit_code(), crate::ExitCode::Failed);
    }

    #[tokio::test]
    async fn the_others_begin_only_if_no_canary_failed() {
        let canary = |n| Rollout { canary: Some(n), ..Rollout::default() };
        let one = shown(canary(1), |_| Ok(())).await;
        assert_eq!(one[..3], ["0", "web1: no", "2"]);
        let two = shown(canary(2), |_| Ok(())).await;
        assert_eq!(two[..2], ["0", "web1: no"]);
        assert_eq!(two[2], "web2: not attempted, because a canary failed");
    }

    #[tokio::test]
    async fn a_gate_stops_a_rollout_and_says_which_cell_did_not_pass() {
        let rollout = Rollout { batch: Some(Batch::hosts(3)), ..Rollout::default() };
        let blamed = shown(rollout, |well| {
            assert_eq!(well, [0, 2], "those that failed need not pass it");
            Err(Error::several(vec![Error::host("web0", "sick"), Error::host("db", "slow")]))
        })
        .await;
        assert_eq!(blamed[..3], ["web0: sick", "web1: no", "db: slow"]);
        assert_eq!(blamed[3], "web3: not attempted, because the gate after batch 1 failed");
        let last = shown(Rollout::default(), |_| Err(Error::msg("closed"))).await;
        assert_eq!(last[4..], ["4", "2 hosts failed\nweb5: no\nweb5: closed"]);
    }

    #[tokio::test]
    async fn nobody_to_ask_for_the_next_batch_ends_a_rollout() {
        let (batch, pause) = (Some(Batch::hosts(2)), Some(BatchPause::Ask));
        let shown = shown(Rollout { batch, pause, ..Rollout::default() }, |_| Ok(())).await;
        assert_eq!(shown[..2], ["0", "web1: no"]);
        assert!(shown[2].starts_with("web2: not attempted, because there is nobody"), "{shown:?}");
    }
}
