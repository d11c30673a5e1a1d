//! What could not be written of what a run tells, kept for whoever decides its exit code.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Why one place that a run writes to cannot be written although it should, as on a full disk; nothing while it can.
#[derive(Clone, Debug)]
pub(crate) struct Unwritable(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    what: String,
    message: OnceLock<String>,
    told: AtomicBool,
}

impl Unwritable {
    /// Of a place that is called so, such as "the output".
    pub(crate) fn of(what: impl Into<String>) -> Self {
        let (message, told) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Inner { what: what.into(), message, told }))
    }

    /// It cannot be written. The first reason is kept: what comes after it follows from it.
    pub(super) fn note(&self, error: &io::Error) {
        self.0.message.get_or_init(|| self.text(error));
    }

    /// What to tell the user, if it could not be written.
    pub(crate) fn message(&self) -> Option<&str> {
        self.0.message.get().map(String::as_str)
    }

    /// The same, to whoever asks first, so that it is told once.
    pub(crate) fn untold(&self) -> Option<&str> {
        self.message().filter(|_| !self.0.told.swap(true, Ordering::Relaxed))
    }

    /// What to tell the user of this error.
    pub(crate) fn text(&self, error: &io::Error) -> String {
        format!("cannot write {}: {error}", self.0.what)
    }
}
