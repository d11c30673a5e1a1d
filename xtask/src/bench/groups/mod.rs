//! What is measured: one function for each group, its programs and its goals written side by side.

mod commands;
mod files;
mod output;
mod program;
mod tree;

use super::plan::Group;
use super::tools::Tools;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// On how many hosts.
    pub(super) hosts: usize,
    /// Leaves out what takes minutes.
    pub(super) quick: bool,
}

impl Extent {
    /// On how many hosts the groups work that move much data.
    pub(super) fn few(self) -> usize {
        self.hosts.min(10)
    }
}

/// Rows of the design that cannot be measured yet, and why.
pub(super) const NOT_BUILT: &[(&str, &str)] = &[];

/// The group that needs no hosts.
pub(super) const COMPILE: &str = "compile";

/// The keys of all groups, in order.
pub(super) const KEYS: [&str; 15] = [
    "cold",
    "default-kex",
    "warm",
    "twenty-cold",
    "twenty-warm",
    "upload",
    "tree",
    "tree-again",
    "converged",
    "lines",
    "memory",
    "scheduler",
    "scheduler-memory",
    "startup",
    COMPILE,
];

/// A group of those on hosts by its key.
pub(super) fn group(key: &str, tools: &Tools<'_>, extent: Extent) -> Option<Group> {
    Some(match key {
        "cold" => commands::cold(tools, extent),
        "default-kex" => commands::default_kex(tools, extent),
        "warm" => commands::warm(tools, extent),
        "twenty-cold" => commands::twenty_cold(tools, extent),
        "twenty-warm" => commands::twenty_warm(tools, extent),
        "upload" => files::upload(tools, extent),
        "tree" => tree::first(tools, extent),
        "tree-again" => tree::again(tools, extent),
        "converged" => commands::converged(tools, extent),
        "lines" => output::lines(tools, extent),
        "memory" => program::memory(tools, extent),
        "scheduler" => program::scheduler(tools),
        "scheduler-memory" => program::scheduler_memory(tools),
        "startup" => program::startup(tools, extent),
        _ => return None,
    })
}
