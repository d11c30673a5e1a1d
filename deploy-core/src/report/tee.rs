//! Several reporters at once.

use std::fmt;

use crate::event::{Event, Reporter};

/// Hands every event to each of its reporters.
#[derive(Default)]
pub struct Tee(Vec<Box<dyn Reporter>>);

impl Tee {
    /// To nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// To this one as well.
    #[must_use]
    pub fn and(mut self, reporter: impl Reporter) -> Self {
        self.0.push(Box::new(reporter));
        self
    }
}

impl Reporter for Tee {
    fn event(&self, event: &Event) {
        self.0.iter().for_each(|reporter| reporter.event(event));
    }

    fn finish(&self) {
        self.0.iter().for_each(|reporter| reporter.finish());
    }

    fn pause(&self, paused: bool) {
        self.0.iter().for_each(|reporter| reporter.pause(paused));
    }
}

impl fmt::Debug for Tee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tee").field(&self.0.len()).finish()
    }
}
