//! [`FactCache`]: the answers of a run.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Fact;
use crate::host::AsUser;
use crate::hosts::Host;

/// Answers by host, and when each host was last changed.
#[derive(Default)]
pub(crate) struct FactCache {
    hosts: Mutex<HashMap<String, Known>>,
}

/// What is known of one host.
#[derive(Default)]
struct Known {
    /// Counts the changes, so that an answer from before one is not kept after it.
    epoch: u64,
    answers: HashMap<(TypeId, AsUser), Answer>,
}

struct Answer {
    lasts: bool,
    value: Box<dyn Any + Send + Sync>,
}

impl FactCache {
    pub(super) fn get<F: Fact>(&self, host: &Host) -> Option<F::Value> {
        let hosts = self.lock();
        let answer = hosts.get(host.name())?.answers.get(&key::<F>(host))?;
        answer.value.downcast_ref::<F::Value>().cloned()
    }

    pub(super) fn epoch(&self, host: &str) -> u64 {
        self.lock().get(host).map_or(0, |known| known.epoch)
    }

    /// Keeps an answer that was asked for in `epoch`.
    pub(super) fn keep<F: Fact>(&self, host: &Host, epoch: u64, value: F::Value) {
        let mut hosts = self.lock();
        let known = hosts.entry(host.name().to_owned()).or_default();
        if F::LASTS || known.epoch == epoch {
            let answer = Answer { lasts: F::LASTS, value: Box::new(value) };
            known.answers.insert(key::<F>(host), answer);
        }
    }

    /// A command that may change something has run on `host`.
    pub(crate) fn altered(&self, host: &str) {
        let mut hosts = self.lock();
        let known = hosts.entry(host.to_owned()).or_default();
        known.epoch += 1;
        known.answers.retain(|_, answer| answer.lasts);
    }

    /// Nothing is known of `host` any more.
    pub(crate) fn forget(&self, host: &str) {
        let mut hosts = self.lock();
        let known = hosts.entry(host.to_owned()).or_default();
        known.epoch += 1;
        known.answers.clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key<F: Fact>(host: &Host) -> (TypeId, AsUser) {
    (TypeId::of::<F>(), host.context().user.clone())
}

impl std::fmt::Debug for FactCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FactCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::command::{Cmd, Output};

    struct Passing;
    struct Lasting;

    impl Fact for Passing {
        type Value = u8;
        fn script() -> Cmd {
            Cmd::raw("true")
        }
        fn parse(_: &Output) -> Result<u8> {
            Ok(1)
        }
    }

    impl Fact for Lasting {
        type Value = u8;
        const LASTS: bool = true;
        fn script() -> Cmd {
            Cmd::raw("true")
        }
        fn parse(_: &Output) -> Result<u8> {
            Ok(1)
        }
    }

    #[test]
    fn a_change_drops_what_it_may_have_altered() {
        let (cache, host) = (FactCache::default(), Host::local());
        cache.keep::<Passing>(&host, 0, 1);
        cache.keep::<Lasting>(&host, 0, 2);
        assert_eq!(cache.get::<Passing>(&host), Some(1));
        assert_eq!(cache.get::<Passing>(&host.sudo()), None);
        cache.altered("elsewhere");
        assert_eq!(cache.get::<Passing>(&host), Some(1));
        cache.altered(host.name());
        assert_eq!(cache.get::<Passing>(&host), None);
        assert_eq!(cache.get::<Lasting>(&host), Some(2));
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_kept() {
        let (cache, host) = (FactCache::default(), Host::local());
        let asked = cache.epoch(host.name());
        cache.altered(host.name());
        cache.keep::<Passing>(&host, asked, 1);
        assert_eq!(cache.get::<Passing>(&host), None);
    }
}
