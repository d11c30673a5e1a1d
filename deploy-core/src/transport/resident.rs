//! Shells that stay after a command for the next one, so that starting one is paid once and not per command.
//!
//! A shell serves one command at a time; one that is busy is simply not here. What came of a command is the
//! command's own: it ran in a subshell, so no directory, variable or umask stays behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How many shells wait on one connection; each takes a session of those that sshd allows.
const MOST: usize = 4;

/// How many pieces of output of what earlier commands left behind are read away before a shell is taken for unusable.
const STALE: usize = 64;

/// The shells of one connection that wait for a command, by what started them.
pub(super) struct Residents<T> {
    idle: Mutex<Vec<(Vec<String>, T)>>,
}

impl<T> Residents<T> {
    pub(super) fn new() -> Self {
        Self { idle: Mutex::default() }
    }

    /// A shell that was started with these words; it is the caller's now.
    pub(super) fn take(&self, words: &[String]) -> Option<T> {
        let mut idle = self.lock();
        let index = idle.iter().position(|(known, _)| known == words)?;
        Some(idle.swap_remove(index).1)
    }

    /// Keeps a shell for the next command. One that is too many is dropped, and ends by that.
    pub(super) fn keep(&self, words: Vec<String>, shell: T) {
        let mut idle = self.lock();
        if idle.len() < MOST && idle.iter().all(|(known, _)| *known != words) {
            idle.push((words, shell));
        }
    }

    /// Ends all that wait.
    pub(super) fn end(&self) {
        // Dropped when the lock is free again: what ends a shell may take its time.
        let ended = std::mem::take(&mut *self.lock());
        drop(ended);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Vec<String>, T)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a waiting shell's stream has ended. Reads away what is there.
pub(super) fn is_closed(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut buffer = [0; 1024];
    for _ in 0..STALE {
        match stream.read(&mut buffer).now_or_never() {
            None => return false,
            Some(Ok(0) | Err(_)) => return true,
            Some(Ok(_)) => {}
        }
    }
    true
}
