//! What a run has learnt of commands that failed: which hosts are left out of the rest of it, and whether it was aborted.
//!
//! Knows what was decided, not how: `hosts::failure` decides.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::Error;
use crate::event::Failure;

/// What a failed command leads to, beside its error.
///
/// A command has failed when its host is not reached or lost, when it runs out of time, and when one that may change something ends
/// with a status that is not accepted. The *no* of one that only reads is an answer and never leads to anything but its error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Nothing. The action that ran it ends with the error or handles it; other hosts and cells go on.
    #[default]
    Fail,
    /// Somebody is asked, on the console: to try again, to leave the host out as under [`Continue`](Self::Continue), or to
    /// abort as under [`Abort`](Self::Abort). Who does not answer aborts.
    Ask,
    /// Nothing more is started: commands that run end as they would, every later one on any host, and every cell that has not
    /// begun, is *not attempted*.
    Abort,
    /// The host is left out of the rest of the run and counts as failed. A command on several hosts is no error as long as
    /// one of them carried it out, so the action goes on with the others; a command on that host alone is one.
    Continue,
}

/// What all of one environment share.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    left_out: Mutex<Vec<Failure>>,
    /// After what.
    aborted: OnceLock<String>,
    /// Whether somebody has said that every host that fails is left out from now on.
    skip_all: AtomicBool,
}

impl Failures {
    /// Leaves the host out of the rest of the run.
    pub(crate) fn leave_out(&self, error: &Error) {
        self.lock().extend(Failure::of(error));
    }

    /// What the hosts failed with that are left out.
    pub(crate) fn left_out(&self) -> Vec<Failure> {
        self.lock().clone()
    }

    /// Whether this host is left out.
    pub(crate) fn has_left_out(&self, host: &str) -> bool {
        self.lock().iter().any(|failure| failure.host.as_deref() == Some(host))
    }

    /// Whether every single failure in this error is on a host that is left out.
    pub(crate) fn cover(&self, error: &Error) -> bool {
        error.failures().all(|one| one.host_name().is_some_and(|host| self.has_left_out(host)))
    }

    /// Starts nothing more, because of what happened on this host.
    pub(crate) fn abort(&self, host: &str) {
        // Of two at once the first is the reason.
        let _ = self.aborted.set(host.to_owned());
    }

    /// Why nothing more is started, if so.
    pub(crate) fn aborted(&self) -> Option<String> {
        self.aborted.get().map(|host| format!("because the run was aborted when {host} failed"))
    }

    pub(crate) fn skip_all(&self) {
        self.skip_all.store(true, Ordering::Relaxed);
    }

    pub(crate) fn skips_all(&self) -> bool {
        self.skip_all.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Failure>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
