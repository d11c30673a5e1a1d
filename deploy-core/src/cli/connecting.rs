//! The options that say how hosts are reached.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};

use super::options::{all, option, path};
use super::values::{ssh_option, time};
use crate::env::Env;
use crate::host::Elevation;
use crate::{Error, Result};

/// What was said about connections.
#[derive(Debug)]
pub(super) struct Connecting {
    retries: u32,
    ssh_config: Option<PathBuf>,
    ssh_options: Vec<String>,
    timeout: Option<Duration>,
    starts: Option<usize>,
    persist: Option<Duration>,
    elevation: Elevation,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        option("retries", "N", "Try again to connect after a failure")
            .value_parser(value_parser!(u32).range(..=100)),
        path("ssh-config", "FILE", "Use this ssh_config instead of your own"),
        option("ssh-option", "KEY=VALUE", "An option for ssh, as `ssh -o` (repeatable)")
            .action(ArgAction::Append)
            .value_parser(ssh_option),
        option("connect-timeout", "TIME", "How long connecting may take [default: 10s]")
            .value_parser(time),
        option("connect-parallel", "N", "How many connections are made at once [default: 32]")
            .value_parser(value_parser!(u32).range(1..)),
        option(
            "connection-persist",
            "TIME",
            "How long connections are kept for the next run [default: 60s]",
        )
        .value_parser(time),
        option("elevation", "PROGRAM", "Become other users by sudo, doas or su [default: sudo]")
            .value_parser(
                PossibleValuesParser::new(Elevation::ALL.map(Elevation::program))
                    .try_map(|text| text.parse::<Elevation>()),
            ),
    ]
}

impl Connecting {
    pub(super) fn of(matches: &mut ArgMatches) -> Self {
        Self {
            retries: matches.get_one("retries").copied().unwrap_or(0),
            timeout: matches.get_one("connect-timeout").copied(),
            starts: matches.get_one::<u32>("connect-parallel").map(|n| *n as usize),
            persist: matches.get_one("connection-persist").copied(),
            elevation: matches.get_one("elevation").copied().unwrap_or_default(),
            ssh_config: matches.remove_one("ssh-config"),
            ssh_options: all(matches, "ssh-option"),
        }
    }

    /// The environment in which hosts are reached so.
    pub(super) fn apply(&self, env: Env) -> Result<Env> {
        if let Some(file) = &self.ssh_config
            && let Err(error) = File::open(file)
        {
            return Err(Error::usage(format!("cannot read `{}`: {error}", file.display())));
        }
        Ok(env.elevation(self.elevation).connect_settings(|settings| {
            settings.ssh_config.clone_from(&self.ssh_config);
            settings.ssh_options.clone_from(&self.ssh_options);
            settings.retries = self.retries;
            settings.starts = self.starts.unwrap_or(settings.starts);
            settings.persist = self.persist.unwrap_or(settings.persist);
            settings.connect_timeout = self.timeout.unwrap_or(settings.connect_timeout);
        }))
    }
}
