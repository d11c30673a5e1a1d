//! The options about what is around an action.

use std::time::Duration;

use clap::{Arg, ArgMatches};

use super::options::{flag, option};
use super::values::time;
use crate::env::Env;

/// What was said about it.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) lock: bool,
    lock_wait: Option<Duration>,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        flag("lock", "Let no other deployment work on the hosts meanwhile"),
        option("lock-wait", "TIME", "Wait so long for hosts that another deployment has locked")
            .value_parser(time),
    ]
}

impl Around {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self { lock: matches.get_flag("lock"), lock_wait: matches.get_one("lock-wait").copied() }
    }

    pub(super) fn apply(&self, env: Env) -> Env {
        match self.lock_wait {
            Some(limit) => env.lock_wait(limit),
            None => env,
        }
    }
}
