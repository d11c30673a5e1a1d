//! [`Selection`]: which of a tree's hosts a run is about, as the user says it.

use super::Pattern;

/// Which hosts a run is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Only those that one of these matches; all if there is none.
    pub(crate) only: Vec<Pattern>,
    /// None of those that one of these matches.
    pub(crate) without: Vec<Pattern>,
    /// Only those of these names, if given.
    pub(crate) names: Option<Vec<String>>,
}

impl Selection {
    /// Whether the host of this name is among them.
    pub(crate) fn contains(&self, host: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(host)))
            && !self.without.iter().any(|pattern| pattern.matches(host))
            && self.names.as_ref().is_none_or(|names| names.iter().any(|name| name == host))
    }
}
