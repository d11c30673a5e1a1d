//! The options that say how a run goes over hosts: how many at once, in which batches, when it stops, and what a failure leads to.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, value_parser};

use super::options::{flag, option};
use super::values::{batch, pause};
use crate::batch::{Batch, BatchPause, Rollout};
use crate::console::Console;
use crate::env::Env;
use crate::failures::OnError;
use crate::{Error, Result};

/// What was said about it.
#[derive(Debug)]
pub(super) struct Control {
    parallel: Option<usize>,
    pub(super) rollout: Rollout,
    /// The action that each batch has to pass.
    pub(super) gate: Option<String>,
    on_error: Option<OnError>,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        option("parallel", "N", "How many hosts work at once [default: 32]")
            .value_parser(value_parser!(u32).range(1..)),
        flag("serial", "One host after the other, as --parallel 1").conflicts_with("parallel"),
        option("batch", "N|P%", "Work through cells in batches").value_parser(batch),
        option("batch-pause", "TIME|ask", "Wait between batches, or for a yes").value_parser(pause),
        option("canary", "N", "Begin with N cells, and go on only if none of them failed")
            .value_parser(value_parser!(u32).range(1..)),
        option("gate", "ACTION", "Run this action on the cells of each batch; if it fails, stop"),
        option(
            "max-fail",
            "N|P%",
            "End the rollout once so many cells have failed: begin no more, end what runs",
        )
        .value_parser(batch),
        option(
            "on-error",
            "WHAT",
            "When a command fails: ask what to do, start nothing more, or go on without its host \
             [default: ask on a terminal]",
        )
        .value_parser(PossibleValuesParser::new(["ask", "abort", "continue"])),
    ]
}

impl Control {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let number = |name: &str| matches.get_one::<u32>(name).map(|n| *n as usize);
        let on_error = matches.get_one::<String>("on-error").map(String::as_str);
        Self {
            parallel: if matches.get_flag("serial") { Some(1) } else { number("parallel") },
            rollout: Rollout {
                parallel: None,
                batch: matches.get_one::<Batch>("batch").copied(),
                pause: matches.get_one::<BatchPause>("batch-pause").copied(),
                canary: number("canary"),
                max_fail: matches.get_one::<Batch>("max-fail").copied(),
            },
            gate: matches.get_one("gate").cloned(),
            on_error: on_error.map(|word| match word {
                "ask" => OnError::Ask,
                "abort" => OnError::Abort,
                _ => OnError::Continue,
            }),
        }
    }

    /// Whether anything was said that is about cells alone.
    pub(super) fn wants_cells(&self) -> bool {
        self.rollout != Rollout::default() || self.gate.is_some()
    }

    /// The environment in which a run goes so. `attended` says whether somebody sits at a terminal.
    pub(super) fn apply(&self, env: Env, attended: bool) -> Result<Env> {
        let console = env.console();
        if self.on_error == Some(OnError::Ask) && !console.is_interactive() {
            return Err(nobody("--on-error ask"));
        }
        if self.rollout.pause == Some(BatchPause::Ask) && !can_confirm(console) {
            return Err(nobody("--batch-pause ask"));
        }
        let unsaid =
            if attended && console.is_interactive() { OnError::Ask } else { OnError::Fail };
        let env = env.on_error(self.on_error.unwrap_or(unsaid)).rollout(self.rollout);
        Ok(match self.parallel {
            Some(hosts) => env.parallel(hosts),
            None => env,
        })
    }
}

fn can_confirm(console: &Console) -> bool {
    console.is_interactive() || console.assumes_yes()
}

fn nobody(option: &str) -> Error {
    Error::usage_with_hint(
        format!("`{option}`: there is nobody to ask"),
        "run it on a terminal, or with the answers on standard input, and without --non-interactive",
    )
}
