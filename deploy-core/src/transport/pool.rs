//! [`Pool`]: one connection per host and settings, made when first needed and shared afterwards.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use tokio::sync::{OnceCell, Semaphore};

use super::{ConnectSettings, Connection, Connector, ConnectorEntry, TransportError};
use crate::error::Unreachable;
use crate::host::HostSpec;
use crate::name::did_you_mean;

type Slot = Arc<OnceCell<Arc<dyn Connection>>>;

/// The connections of an `Env`.
pub struct Pool {
    settings: ConnectSettings,
    /// Answers for every host, whatever its scheme; for tests.
    only: Option<Arc<dyn Connector>>,
    slots: Mutex<HashMap<HostSpec, Slot>>,
    starts: Semaphore,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(settings: ConnectSettings) -> Self {
        let starts = Semaphore::new(settings.starts.max(1));
        Self { settings, only: None, slots: Mutex::default(), starts }
    }

    /// A pool in which every host is reached by `connector`.
    pub fn with_connector(settings: ConnectSettings, connector: Arc<dyn Connector>) -> Self {
        Self { only: Some(connector), ..Self::new(settings) }
    }

    /// What this pool connects with.
    #[must_use]
    pub fn settings(&self) -> &ConnectSettings {
        &self.settings
    }

    pub(crate) fn connector(&self) -> Option<&Arc<dyn Connector>> {
        self.only.as_ref()
    }

    /// The connection to `host`, and whether it was made by this call. Concurrent callers share one attempt;
    /// `connecting` is called by the one that makes it.
    ///
    /// # Errors
    /// Why the host cannot be reached.
    pub async fn get(
        &self,
        host: &HostSpec,
        connecting: impl FnOnce(),
    ) -> Result<(Arc<dyn Connection>, bool), TransportError> {
        let slot = self.lock().entry(host.clone()).or_default().clone();
        let mut fresh = false;
        let connection = slot
            .get_or_try_init(|| {
                fresh = true;
                connecting();
                self.connect(host)
            })
            .await
            .cloned();
        connection.map(|connection| (connection, fresh))
    }

    /// Forgets a connection that turned out to be lost, so that the next command connects anew.
    pub fn forget(&self, host: &HostSpec) {
        self.lock().remove(host);
    }

    /// Ends the connection to a host that goes down, so that the next command connects anew.
    pub async fn abandon(&self, host: &HostSpec) {
        let slot = self.lock().remove(host);
        if let Some(connection) = slot.as_ref().and_then(|slot| slot.get()) {
            connection.abandon().await;
        }
    }

    /// Gives all connections back.
    pub async fn close(&self) {
        let slots: Vec<Slot> = self.lock().drain().map(|(_, slot)| slot).collect();
        let connections = slots.iter().filter_map(|slot| slot.get());
        join_all(connections.map(|connection| connection.close())).await;
    }

    async fn connect(&self, host: &HostSpec) -> Result<Arc<dyn Connection>, TransportError> {
        let connector = match &self.only {
            Some(connector) => connector.clone(),
            None => find(&host.connector)?,
        };
        let _permit = self.starts.acquire().await;
        connector.connect(host, &self.settings).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<HostSpec, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn find(scheme: &str) -> Result<Arc<dyn Connector>, TransportError> {
    let mut schemes: Vec<&str> =
        inventory::iter::<ConnectorEntry>().map(|entry| entry.scheme).collect();
    schemes.sort_unstable();
    match inventory::iter::<ConnectorEntry>().find(|entry| entry.scheme == scheme) {
        Some(entry) => Ok((entry.make)()),
        None => {
            let guess = did_you_mean(scheme, schemes.iter().copied())
                .map_or_else(String::new, |guess| format!(", did you mean `{guess}:`?"));
            let known = schemes.join(", ");
            Err(TransportError::unreachable(
                Unreachable::Other,
                format!("there is no connector `{scheme}:`{guess} (there are {known})"),
            ))
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Reaches nobody, and knows how many it was trying to reach at once.
    #[derive(Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    #[async_trait::async_trait]
    impl Connector for Counting {
        async fn connect(
            &self,
            _: &HostSpec,
            _: &ConnectSettings,
        ) -> Result<Arc<dyn Connection>, TransportError> {
            let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.now.fetch_sub(1, Ordering::Relaxed);
            Err(TransportError::unreachable(Unreachable::Refused, ""))
        }
    }

    #[tokio::test]
    async fn no_more_connections_are_made_at_once_than_said() {
        let counting = Arc::new(Counting::default());
        let settings = ConnectSettings { starts: 3, ..ConnectSettings::default() };
        let pool = Pool::with_connector(settings, counting.clone());
        let hosts: Vec<HostSpec> =
            (0..20).map(|n| HostSpec::new("ssh", &format!("web{n}"))).collect();
        let results = join_all(hosts.iter().map(|host| pool.get(host, || {}))).await;
        assert!(results.iter().all(Result::is_err));
        assert_eq!(counting.most.load(Ordering::Relaxed), 3);
    }
}
