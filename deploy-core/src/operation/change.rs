//! [`Change`]: what `ensure` did.

use serde::Serialize;

/// What an operation changed, or in a dry run would change.
///
/// One that comes from several operations has a part for each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    description: String,
    changed: bool,
    diff: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Change>,
}

impl Change {
    pub(crate) fn one(description: String, changed: bool, diff: String) -> Self {
        Self { description, changed, diff, parts: Vec::new() }
    }

    pub(super) fn several(parts: Vec<Self>) -> Self {
        Self {
            description: parts.iter().map(Self::description).collect::<Vec<_>>().join(", "),
            changed: parts.iter().any(Self::changed),
            diff: parts.iter().map(Self::diff).collect(),
            parts,
        }
    }

    /// Whether anything was changed, or in a dry run would be.
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.changed
    }

    /// A unified diff or a list of what changed; empty when nothing did.
    #[must_use]
    pub fn diff(&self) -> &str {
        &self.diff
    }

    /// What was wanted.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The change of each operation of `ensure_all`, in order; empty for a single one.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        &self.parts
    }
}
