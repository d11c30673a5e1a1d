//! The options that say how a run goes over hosts: how many at once, in which batches, and when it stops.

use clap::{Arg, ArgMatches, value_parser};

use super::options::option;
use super::values::batch;
use crate::env::Env;
use crate::node::Batch;

/// What was said about it.
#[derive(Debug)]
pub(super) struct Control {
    parallel: Option<usize>,
    pub(super) batch: Option<Batch>,
    pub(super) max_fail: Option<Batch>,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        option("parallel", "N", "How many hosts work at once [default: 32]")
            .value_parser(value_parser!(u32).range(1..)),
        option("batch", "N|P%", "Work through cells in batches").value_parser(batch),
        option("max-fail", "N|P%", "Begin no further cell once so many have failed")
            .value_parser(batch),
    ]
}

impl Control {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            parallel: matches.get_one::<u32>("parallel").map(|n| *n as usize),
            batch: matches.get_one("batch").copied(),
            max_fail: matches.get_one("max-fail").copied(),
        }
    }

    /// The environment in which a run goes so.
    pub(super) fn apply(&self, env: Env) -> Env {
        match self.parallel {
            Some(hosts) => env.parallel(hosts),
            None => env,
        }
    }
}
