//! [`Changes`]: what a deployment came to, over all components and hosts.

use std::collections::BTreeMap;
use std::fmt;

use deploy_core::prelude::*;

/// How many operations changed something, by host.
#[derive(Clone, Debug, Default)]
#[must_use]
pub(crate) struct Changes {
    by_host: BTreeMap<String, usize>,
}

impl Changes {
    /// Adds what was changed on a host.
    pub(crate) fn add(&mut self, host: &Host, change: &Change) {
        let count = match change.parts() {
            [] => usize::from(change.changed()),
            parts => parts.iter().filter(|part| part.changed()).count(),
        };
        if count > 0 {
            *self.by_host.entry(host.name().to_owned()).or_default() += count;
        }
    }

    /// Adds what was changed on several hosts.
    pub(crate) fn add_all(&mut self, changes: &PerHost<Change>) {
        for (host, change) in changes {
            self.add(host, change);
        }
    }

    /// Adds what another component changed.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (host, count) in &other.by_host {
            *self.by_host.entry(host.clone()).or_default() += count;
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by_host.is_empty() {
            return f.write_str("nothing changed");
        }
        let hosts: Vec<String> =
            self.by_host.iter().map(|(host, count)| format!("{count} on {host}")).collect();
        write!(f, "changes: {}", hosts.join(", "))
    }
}
