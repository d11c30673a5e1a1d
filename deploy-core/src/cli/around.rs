//! The options about what is around an action.

use std::time::Duration;

use clap::{Arg, ArgMatches};

use super::options::{flag, option};
use super::values::time;
use crate::audit::Audit;
use crate::env::Env;

/// What was said about it.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) lock: bool,
    lock_wait: Option<Duration>,
    audit: Audit,
    pub(super) retry_failed: bool,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        flag("lock", "Let no other deployment work on the hosts meanwhile"),
        option("lock-wait", "TIME", "Wait so long for hosts that another deployment has locked")
            .value_parser(time),
        flag("no-audit", "Leave no line in the audit logs of the hosts that are worked on"),
        flag("retry-failed", "Work only on the hosts that failed the last time"),
    ]
}

impl Around {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            lock: matches.get_flag("lock"),
            lock_wait: matches.get_one("lock-wait").copied(),
            audit: if matches.get_flag("no-audit") { Audit::Off } else { Audit::On },
            retry_failed: matches.get_flag("retry-failed"),
        }
    }

    pub(super) fn apply(&self, env: Env) -> Env {
        env.audit(self.audit).lock_wait(self.lock_wait.unwrap_or_default())
    }
}
