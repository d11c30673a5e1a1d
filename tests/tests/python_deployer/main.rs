//! What python-deployer's own tests prove, proved here: a module for each of its test files. `python_deployer.md` in the
//! package's root lists each of them with its counterpart; `table` holds that list to what is there.

mod host;
mod host_container;
mod inspector;
mod node;
mod others;
mod query;
mod table;

use deploy_core::prelude::*;

/// The hosts of a pattern.
fn hosts(pattern: &str) -> Hosts {
    Hosts::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// The value of each host, with the host's name.
fn named<T: Clone>(results: &PerHost<T>) -> Vec<(String, T)> {
    results.iter().map(|(host, value)| (host.name().to_owned(), value.clone())).collect()
}
