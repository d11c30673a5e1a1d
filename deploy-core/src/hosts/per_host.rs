//! [`PerHost`]: a result for each host, in declaration order.

use serde::Serialize;

use super::Host;
use crate::{Error, Result};

/// Something for each host, in the order in which the hosts were declared.
///
/// ```
/// # use deploy_core::prelude::*;
/// # let runs: PerHost<u32> = [(Host::ssh("web1"), 1), (Host::ssh("web2"), 2)].into_iter().collect();
/// for (host, value) in &runs {
///     println!("{host}: {value}");
/// }
/// assert_eq!(runs.get("web2"), Some(&2));
/// ```
#[derive(Clone, Debug)]
pub struct PerHost<T> {
    entries: Vec<(Host, T)>,
}

impl<T> PerHost<T> {
    /// Hosts and their values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Host, &T)> + DoubleEndedIterator {
        self.entries.iter().map(|(host, value)| (host, value))
    }

    /// The value of the host of this name.
    #[must_use]
    pub fn get(&self, host: &str) -> Option<&T> {
        self.entries.iter().find(|(known, _)| known.name() == host).map(|(_, value)| value)
    }

    /// The values alone.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    /// How many hosts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same hosts with other values.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> PerHost<U> {
        self.into_iter().map(|(host, value)| (host, f(value))).collect()
    }
}

impl<T> PerHost<Result<T>> {
    /// The hosts that failed, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&Host, &Error)> {
        self.entries
            .iter()
            .filter_map(|(host, result)| result.as_ref().err().map(|error| (host, error)))
    }

    /// All values, or one error that names every host that failed.
    ///
    /// Hosts that are left out of the rest of the run ([`OnError::Continue`](crate::OnError::Continue)) have no value and are no error, unless
    /// nobody is left.
    ///
    /// # Errors
    /// When any host failed.
    pub fn all_ok(self) -> Result<PerHost<T>> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut errors = Vec::new();
        let mut left_out = true;
        for (host, result) in self.entries {
            match result {
                Ok(value) => entries.push((host, value)),
                Err(error) => {
                    left_out &= host.leaves_out(&error);
                    errors.push(error.on_host(host.name()));
                }
            }
        }
        match errors.is_empty() || (left_out && !entries.is_empty()) {
            true => Ok(PerHost { entries }),
            false => Err(Error::several(errors)),
        }
    }
}

impl<T> Default for PerHost<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> FromIterator<(Host, T)> for PerHost<T> {
    fn from_iter<I: IntoIterator<Item = (Host, T)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl<T> IntoIterator for PerHost<T> {
    type Item = (Host, T);
    type IntoIter = std::vec::IntoIter<(Host, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a PerHost<T> {
    type Item = (&'a Host, &'a T);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, (Host, T)>, fn(&'a (Host, T)) -> (&'a Host, &'a T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(host, value)| (host, value))
    }
}

/// A map from host name to value, in order.
impl<T: Serialize> Serialize for PerHost<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(host, value)| (host.name(), value)))
    }
}
