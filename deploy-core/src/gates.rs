//! Where a fan-out over cells asks whether its next batch may begin, when the run as a whole has a gate: `--gate` of the command line.
//!
//! Who asks knows cells of some type, who answers knows the tree and actions by name; they meet here. Without anybody who answers
//! every batch passes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::Result;

/// Asks and answers of one environment.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<Option<mpsc::UnboundedSender<Batch>>>);

/// Cells of an array that want to pass.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The array's path.
    pub(crate) path: String,
    /// The names of their hosts.
    pub(crate) cells: Vec<String>,
    /// Is told whether they do.
    pub(crate) answer: oneshot::Sender<Result>,
}

/// Somebody who answers, until it is dropped.
pub(crate) struct Keeper<'a> {
    gates: &'a Gates,
    batches: mpsc::UnboundedReceiver<Batch>,
}

impl Gates {
    /// Waits until the cells of a batch have passed.
    ///
    /// # Errors
    /// What the gate fails with.
    pub(crate) async fn pass(&self, path: &str, cells: Vec<String>) -> Result {
        let (answer, answered) = oneshot::channel();
        let asked = match &*self.lock() {
            None => return Ok(()),
            Some(keeper) => keeper.send(Batch { path: path.to_owned(), cells, answer }).is_ok(),
        };
        // A keeper that has gone away was the run's, which is over.
        if asked { answered.await.unwrap_or(Ok(())) } else { Ok(()) }
    }

    /// Begins to answer.
    pub(crate) fn keep(&self) -> Keeper<'_> {
        let (sender, batches) = mpsc::unbounded_channel();
        *self.lock() = Some(sender);
        Keeper { gates: self, batches }
    }

    fn lock(&self) -> MutexGuard<'_, Option<mpsc::UnboundedSender<Batch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper<'_> {
    /// The next batch.
    pub(crate) async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }
}

impl Drop for Keeper<'_> {
    fn drop(&mut self) {
        *self.gates.lock() = None;
    }
}
