//! Taking the lock of several hosts at once, so that of two deployments that want some of the same hosts one always goes on.
//!
//! All are tried in one round trip. Whoever does not get all keeps only those before the first that it did not get, in the order
//! of their names, and gives the others back. So nobody waits for a host while it holds a later one, and no two
//! can wait for each other; and of two that want the same hosts the one that got the first of them gets all, while the other one has
//! nothing and sees at once who it was.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use super::Lock;
use super::held::Attempt;
use super::holder::{Found, Holder};
use super::script::PLACE;
use crate::env::Env;
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::hosts::{Host, bounded};
use crate::{Error, Result};

/// How long another deployment may take to give back what it cannot use.
const SETTLING: Duration = Duration::from_secs(3);

/// How long to wait before looking again; as much again is added at random.
const PAUSE: Duration = Duration::from_millis(400);

/// Takes the lock of all hosts; of none if that is not possible.
pub(super) async fn take(env: &Env, mut hosts: Vec<Host>, what: &str) -> Result<Lock> {
    hosts.sort_by(|a, b| a.name().cmp(b.name()));
    let mut lock = Lock { env: env.clone(), hosts: Vec::with_capacity(hosts.len()) };
    match take_all(&mut lock, hosts, what).await {
        Ok(()) => {
            lock.hosts.sort_by(|a, b| a.name().cmp(b.name()));
            let hosts = lock.hosts.iter().map(|host| host.name().to_owned()).collect();
            env.emit(EventKind::Locked { hosts });
            Ok(lock)
        }
        Err(error) => {
            // What cannot be freed now is tried once more at the end of the run, which says so if it fails.
            let _ = lock.give_back(|_| true).await;
            Err(error)
        }
    }
}

async fn take_all(lock: &mut Lock, mut missing: Vec<Host>, what: &str) -> Result {
    let env = lock.env.clone();
    let (began, limit) = (Instant::now(), env.lock_patience());
    let mut told = None;
    loop {
        let in_the_way = attempt(lock, &mut missing, what).await?;
        let Some((first, _)) = in_the_way.first() else { return Ok(()) };
        let first = first.name().to_owned();
        let given_back = lock.give_back(|host| host.name() > first.as_str()).await?;
        missing.extend(given_back);
        let settling = if lock.hosts.is_empty() { Duration::ZERO } else { SETTLING };
        if began.elapsed() >= limit.max(settling) {
            return Err(locked(&env, &in_the_way));
        }
        if limit > Duration::ZERO {
            tell(&env, &in_the_way, &mut told);
        }
        tokio::select! {
            () = tokio::time::sleep(pause()) => {}
            () = env.ending().cancelled_owned() => {
                let detail = "while it waited for the deploy lock".to_owned();
                return Err(Error::new(ErrorKind::Cancelled { host: None, detail }));
            }
        }
    }
}

/// Tries all that are missing. Afterwards those are missing that others hold, in order, with who that is. Hosts that are not
/// reached are left to the action: it will not reach them either, and has to say so for each.
async fn attempt(
    lock: &mut Lock,
    missing: &mut Vec<Host>,
    what: &str,
) -> Result<Vec<(Host, Found)>> {
    let env = lock.env.clone();
    let holder = Holder::now(crate::operator::name(), what, env.locks().run());
    let tries = missing.drain(..).map(|host| {
        let (env, holder) = (&env, &holder);
        async move {
            let result = env.locks().attempt(&host, holder).await;
            (host, result)
        }
    });
    let (mut in_the_way, mut errors) = (Vec::new(), Vec::new());
    for (host, result) in bounded(env.parallelism(), tries.collect::<Vec<_>>()).await {
        match result {
            Ok(Attempt::Taken) => lock.hosts.push(host),
            Ok(Attempt::Held(found)) => {
                missing.push(host.clone());
                in_the_way.push((host, found));
            }
            Err(error) if matches!(error.kind(), ErrorKind::Unreachable { .. }) => {}
            Err(error) => errors.push(error),
        }
    }
    in_the_way.sort_by(|(a, _), (b, _)| a.name().cmp(b.name()));
    if errors.is_empty() { Ok(in_the_way) } else { Err(Error::several(errors)) }
}

/// Says whom we wait for, once for each.
fn tell(env: &Env, in_the_way: &[(Host, Found)], told: &mut Option<(String, Found)>) {
    let Some((host, found)) = in_the_way.first() else { return };
    let now = (host.name().to_owned(), found.clone());
    if told.as_ref() != Some(&now) {
        env.emit(EventKind::LockWaiting {
            host: now.0.clone(),
            holder: found.holder.clone(),
            text: found.to_string(),
        });
        *told = Some(now);
    }
}

fn locked(env: &Env, in_the_way: &[(Host, Found)]) -> Error {
    let free = match env.node() {
        "" => format!("remove {PLACE} there"),
        node => format!("`{node} lock release` frees it"),
    };
    let hint = format!("`--lock-wait 10m` waits for it; if its run is gone, {free}");
    let one = |(host, found): &(Host, Found)| host.error(format!("locked by {found}\n  {hint}"));
    Error::several(in_the_way.iter().map(one).collect())
}

fn pause() -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1000;
    PAUSE * (1000 + u32::try_from(random).unwrap_or(0)) / 1000
}
