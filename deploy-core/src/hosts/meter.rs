//! How far a command's input or output has come, told now and then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::env::Env;
use crate::event::EventKind;

/// How often that is told; what is over sooner is not spoken of.
const INTERVAL: Duration = Duration::from_millis(500);

/// Tells how many bytes have gone one way.
pub(super) struct Meter {
    env: Env,
    id: u64,
    host: String,
    total: Option<u64>,
    told: Mutex<Instant>,
}

impl Meter {
    pub(super) fn new(env: &Env, id: u64, host: &str, total: Option<u64>) -> Self {
        let (env, host) = (env.clone(), host.to_owned());
        Self { env, id, host, total, told: Mutex::new(Instant::now()) }
    }

    /// So many have gone so far.
    pub(super) fn at(&self, done: u64) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() < INTERVAL {
            return;
        }
        *told = Instant::now();
        let Self { id, host, total, .. } = self;
        self.env.emit(EventKind::Progress { id: *id, host: host.clone(), done, total: *total });
    }
}
