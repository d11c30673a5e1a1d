//! Ctrl-C and its like: noted, so that the fleet is taken down before the program ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::error::{Context, Result, failed};

/// Whether the user wants the run to end. Clones look at the same signals.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on these signals no longer end the program by themselves.
    pub(super) fn install() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, flag.clone()).context("watch for Ctrl-C")?;
        }
        Ok(Self(flag))
    }

    pub(super) fn fired(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns once it has fired.
    pub(super) fn wait(&self) {
        while !self.fired() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// An error once it has fired.
    pub(super) fn check(&self) -> Result<()> {
        if self.fired() { Err(failed("interrupted")) } else { Ok(()) }
    }
}
