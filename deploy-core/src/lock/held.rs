//! [`Locks`]: the hosts that a run has locked, so that it locks none twice and none stays locked.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use super::holder::{Found, Holder};
use super::script::{self, TAKEN};
use crate::command::Status;
use crate::env::Env;
use crate::error::{ErrorKind, Unreachable};
use crate::event::EventKind;
use crate::hosts::{Host, bounded};
use crate::{Error, Result};

/// How long the end of a run may take to free what is still locked.
const LAST_LIMIT: Duration = Duration::from_secs(5);

/// What a run has locked.
pub(crate) struct Locks {
    run: String,
    hosts: Mutex<HashMap<String, Arc<AsyncMutex<State>>>>,
}

/// One host, as far as this run is concerned.
#[derive(Default)]
struct State {
    host: Option<Host>,
    /// How many [`Lock`](super::Lock)s of this run hold it.
    count: usize,
    /// Whether there may be a directory of ours.
    ours: bool,
}

/// What became of an attempt.
pub(super) enum Attempt {
    Taken,
    Held(Found),
}

impl std::fmt::Debug for Locks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locks").field("run", &self.run).finish_non_exhaustive()
    }
}

impl Default for Locks {
    fn default() -> Self {
        let half = || RandomState::new().build_hasher().finish();
        Self { run: format!("{:016x}{:016x}", half(), half()), hosts: Mutex::default() }
    }
}

impl Locks {
    /// What tells this run from all others.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    fn of(&self, host: &Host) -> Arc<AsyncMutex<State>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.entry(host.name().to_owned()).or_default().clone()
    }

    /// Tries to take the lock of a host, in one round trip; in none if this run holds it already.
    pub(super) async fn attempt(&self, host: &Host, holder: &Holder) -> Result<Attempt> {
        let state = self.of(host);
        let mut state = state.lock().await;
        if state.count > 0 {
            state.count += 1;
            return Ok(Attempt::Taken);
        }
        state.host = Some(host.clone());
        // Before it is so, lest nobody knows if this future is dropped in the middle.
        state.ours = true;
        match host.run(script::take(&self.run, &serde_json::to_string(holder)?)).await {
            Ok(output) if output.status == Status::Code(TAKEN) => {
                state.ours = false;
                let found = Found::parse(&String::from_utf8_lossy(&output.stdout));
                if found.run() != self.run {
                    return Ok(Attempt::Held(found));
                }
                // The same machine under another name.
                state.count = 1;
                Ok(Attempt::Taken)
            }
            Ok(_) => {
                state.count = 1;
                Ok(Attempt::Taken)
            }
            Err(error) => {
                if may_have_begun(&error) {
                    free(&mut state, &self.run, &host.environment().to_the_end()).await?;
                }
                state.ours = false;
                Err(error)
            }
        }
    }

    /// One [`Lock`](super::Lock) less holds this host; with the last one it is free.
    pub(super) async fn let_go(&self, host: &Host) -> Result {
        let state = self.of(host);
        let mut state = state.lock().await;
        state.count = state.count.saturating_sub(1);
        let env = host.environment().to_the_end();
        if state.count == 0 && !free(&mut state, &self.run, &env).await? {
            let text = "somebody else freed our deploy lock before we were done".to_owned();
            env.emit(EventKind::Note { host: Some(host.name().to_owned()), text });
        }
        Ok(())
    }

    /// Whether any host may be locked by this run.
    pub(crate) fn any(&self) -> bool {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever works on one just now may be about to lock it.
        hosts.values().any(|state| state.try_lock().map_or(true, |state| state.ours))
    }

    /// Frees what nobody has freed, and says so where that fails.
    pub(crate) async fn free_all(&self, env: &Env) {
        let env = env.to_the_end();
        let hosts: Vec<_> = {
            let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.iter().map(|(name, state)| (name.clone(), state.clone())).collect()
        };
        let work = hosts.into_iter().map(|(name, state)| {
            let env = &env;
            async move {
                let freed = async { free(&mut *state.lock().await, &self.run, env).await };
                let why = match tokio::time::timeout(LAST_LIMIT, freed).await {
                    Ok(Ok(_)) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it did not answer in time".to_owned(),
                };
                let text = format!("the deploy lock may still be there: {why}");
                env.emit(EventKind::Note { host: Some(name), text });
            }
        });
        bounded(env.parallelism(), work).await;
    }
}

/// Removes our directory from a host, if there may be one. Whether it was still there.
async fn free(state: &mut State, run: &str, env: &Env) -> Result<bool> {
    let Some(host) = state.host.as_ref().filter(|_| state.ours) else { return Ok(true) };
    let output = host.in_env(env).run(script::free(run)).await?;
    (state.ours, state.count) = (false, 0);
    Ok(!output.stdout.starts_with(b"gone"))
}

/// Whether the host may have done what it was asked to do, although it did not say so.
fn may_have_begun(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unreachable { reason, .. } => *reason == Unreachable::Lost,
        ErrorKind::Cancelled { .. } | ErrorKind::TimedOut { .. } => true,
        _ => false,
    }
}
