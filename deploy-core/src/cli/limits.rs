//! The options that say how long things may take.

use std::time::Duration;

use clap::{Arg, ArgMatches};

use super::options::option;
use super::values::time;
use crate::env::Env;

/// What was said about it.
#[derive(Debug)]
pub(super) struct Limits {
    command: Option<Duration>,
    silence: Option<Duration>,
    run: Option<Duration>,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        option("timeout", "TIME", "Limit for each command, such as 30s or 5m").value_parser(time),
        option("idle-timeout", "TIME", "End commands that have printed nothing for so long")
            .value_parser(time),
        option("run-timeout", "TIME", "Limit for everything together, from the first command on")
            .value_parser(time),
    ]
}

impl Limits {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let time = |name: &str| matches.get_one(name).copied();
        Self { command: time("timeout"), silence: time("idle-timeout"), run: time("run-timeout") }
    }

    pub(super) fn apply(&self, mut env: Env) -> Env {
        if let Some(limit) = self.command {
            env = env.timeout(limit);
        }
        if let Some(limit) = self.silence {
            env = env.idle_timeout(limit);
        }
        if let Some(limit) = self.run {
            env = env.run_timeout(limit);
        }
        env
    }
}
