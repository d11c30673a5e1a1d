//! [`Nowhere`]: hosts that cost nothing, so that what is left is the scheduler.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use deploy_core::Status;
use deploy_core::host::HostSpec;
use deploy_core::transport::{
    ConnectSettings, Connection, Connector, Request, Sink, TransportError,
};

/// A connector whose hosts print their command's script and succeed. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Nowhere(Arc<Counts>);

/// What has been seen of it.
#[derive(Debug, Default)]
struct Counts {
    running: AtomicUsize,
    most: AtomicUsize,
    commands: AtomicUsize,
}

impl Nowhere {
    /// How many commands have run at the same moment at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.0.most.load(Ordering::Relaxed)
    }

    /// How many commands have run.
    #[must_use]
    pub fn commands(&self) -> usize {
        self.0.commands.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Connector for Nowhere {
    async fn connect(
        &self,
        _: &HostSpec,
        _: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Connection for Nowhere {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        let running = self.0.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.most.fetch_max(running, Ordering::Relaxed);
        self.0.commands.fetch_add(1, Ordering::Relaxed);
        // As on a host, the answer does not come before others have had their turn.
        tokio::task::yield_now().await;
        sink.stdout(&request.script);
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        Ok(Status::Code(0))
    }
}
