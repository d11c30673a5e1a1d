//! Which hosts a call may have changed, so that each of several at once knows its own.
//!
//! Belongs to an environment. Knows no log: what is done with the hosts is decided above.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::hosts::Host;

tokio::task_local! {
    /// The call that this task works for.
    static MINE: Arc<Call>;
}

/// The calls that are under way in an environment.
#[derive(Debug, Default)]
pub(crate) struct Changed(Mutex<Vec<Arc<Call>>>);

/// The hosts of one.
#[derive(Debug, Default)]
struct Call(Mutex<Vec<Host>>);

impl Changed {
    /// Does the work of a call, and returns what came of it with the hosts that it may have changed.
    pub(crate) async fn by<T>(&self, work: impl Future<Output = T>) -> (T, Vec<Host>) {
        let call = Arc::new(Call::default());
        lock(&self.0).push(call.clone());
        let _over = Over { calls: self, call: &call };
        let result = MINE.scope(call.clone(), work).await;
        let hosts = std::mem::take(&mut *lock(&call.0));
        (result, hosts)
    }

    /// A command ran that may have changed this host. In a task that somebody started by hand it is not known for which call; then
    /// it counts for all of them, because a line too many in a log is better than none.
    pub(crate) fn note(&self, host: &Host) {
        let calls = lock(&self.0);
        // The call may be one of another environment.
        let mine = MINE.try_with(Arc::clone).ok();
        let mine = mine.filter(|mine| calls.iter().any(|call| Arc::ptr_eq(call, mine)));
        let known = match &mine {
            Some(mine) => std::slice::from_ref(mine),
            None => &calls,
        };
        for call in known {
            let mut hosts = lock(&call.0);
            if !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
    }
}

/// Ends a call, also one whose future is dropped.
struct Over<'a> {
    calls: &'a Changed,
    call: &'a Arc<Call>,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        lock(&self.calls.0).retain(|call| !Arc::ptr_eq(call, self.call));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn names(hosts: &[Host]) -> Vec<&str> {
        hosts.iter().map(Host::name).collect()
    }

    #[tokio::test]
    async fn of_two_calls_at_once_each_has_its_own_hosts() {
        let changed = Arc::new(Changed::default());
        let (web, db, other) = (Host::ssh("web"), Host::ssh("db"), Host::ssh("other"));
        changed.note(&other);
        let call = async |host: &Host| {
            changed.note(host);
            tokio::task::yield_now().await;
            changed.note(host);
        };
        let ((_, webs), (_, dbs)) = tokio::join!(changed.by(call(&web)), changed.by(call(&db)));
        assert_eq!((names(&webs), names(&dbs)), (vec!["web"], vec!["db"]));

        let apart = {
            let (changed, web) = (changed.clone(), web.clone());
            async move { tokio::spawn(async move { changed.note(&web) }).await.unwrap() }
        };
        let (_, hosts) = changed.by(apart).await;
        assert_eq!(names(&hosts), ["web"], "whoever spawns a task is told of it all the same");
        assert!(changed.by(std::future::pending::<()>()).now_or_never().is_none());
        assert!(lock(&changed.0).is_empty());
    }
}
