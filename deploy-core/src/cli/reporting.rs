//! The options that say what of a run is shown, and where else it goes; and the reporters that they lead to.

use std::fs::File;
use std::io::{stderr, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches};
use tokio_util::sync::CancellationToken;

use super::options::{flag, option, path};
use crate::report::palette::Palette;
use crate::report::{Coloring, Files, Html, Human, Json, Quiet, Tee, Trace, Unwritable};
use crate::{Error, Result};

/// What was said about output.
#[derive(Debug)]
pub(super) struct Reporting {
    output: Output,
    pub(super) color: Coloring,
    diff: bool,
    gather: bool,
    prefix: bool,
    verbose: u8,
    log: Option<PathBuf>,
    directory: Option<PathBuf>,
    report: Option<PathBuf>,
    trace: bool,
    /// Set when standard output cannot be written.
    pub(super) unwritable: Unwritable,
}

/// What output looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Human,
    Json,
    Quiet,
}

/// The options.
pub(super) fn args() -> Vec<Arg> {
    vec![
        option("output", "FORMAT", "What output looks like")
            .default_value("human")
            .value_parser(PossibleValuesParser::new(["human", "json", "quiet"])),
        flag("diff", "Show the differences of changes"),
        flag(
            "gather",
            "Show hosts with equal output together, when the run is over; with --diff, how others differ",
        ),
        flag("no-prefix", "Do not put the host in front of its output"),
        path("output-dir", "DIR", "Write what each host prints to files in this directory"),
        path("log", "FILE", "Append every event to this file, as JSON"),
        path("report", "FILE", "Write a page about the run to this file, as HTML"),
        flag("trace", "At the end, show what ran in which action, and how long it took"),
        Arg::new("verbose")
            .short('v')
            .long("verbose")
            .action(ArgAction::Count)
            .help("Show commands and how long they took; twice: also those that only read"),
        option("color", "WHEN", "Colours")
            .default_value("auto")
            .value_parser(PossibleValuesParser::new(["auto", "always", "never"])),
    ]
}

impl Reporting {
    pub(super) fn of(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let flag = |name: &str| matches.get_flag(name);
        let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        let reporting = Self {
            output: match text("output") {
                Some("json") => Output::Json,
                Some("quiet") => Output::Quiet,
                _ => Output::Human,
            },
            color: match text("color") {
                Some("always") => Coloring::Always,
                Some("never") => Coloring::Never,
                _ => Coloring::Auto,
            },
            diff: flag("diff"),
            gather: flag("gather"),
            prefix: !flag("no-prefix"),
            verbose: matches.get_count("verbose"),
            trace: flag("trace"),
            unwritable: Unwritable::default(),
            directory: matches.remove_one("output-dir"),
            log: matches.remove_one("log"),
            report: matches.remove_one("report"),
        };
        match reporting.gather && reporting.output != Output::Human {
            true => Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "'--gather' is for people and cannot be used together with '--output'\n",
            )),
            false => Ok(reporting),
        }
    }

    /// The reporters; `closed` fires when nobody reads standard output any more.
    pub(super) fn reporter(&self, closed: &CancellationToken) -> Result<Tee> {
        let (closed, unwritable) = (closed.clone(), self.unwritable.clone());
        let mut reporters = Tee::new();
        if let Some(path) = &self.log {
            let file = File::options().append(true).create(true).mode(0o600).open(path).map_err(
                |error| Error::usage(format!("cannot write the log `{}`: {error}", path.display())),
            )?;
            reporters = reporters.and(Json::new(file));
        }
        if let Some(path) = &self.directory {
            reporters = reporters.and(Files::new(path, stderr()).map_err(|error| {
                Error::usage(format!("cannot write output to `{}`: {error}", path.display()))
            })?);
        }
        if let Some(path) = &self.report {
            reporters = reporters.and(Html::new(path).map_err(|error| {
                Error::usage(format!("cannot write the report `{}`: {error}", path.display()))
            })?);
        }
        let palette = Palette { colored: self.color.applies(&stderr()) };
        let reporters = match self.output {
            Output::Human => reporters.and(
                Human::stdio(self.color)
                    .prefix(self.prefix)
                    .verbose(self.verbose)
                    .diff(self.diff)
                    .gather(self.gather)
                    .on_closed(closed)
                    .on_unwritable(unwritable),
            ),
            Output::Json => reporters.and(
                Json::new(stdout())
                    .failures_to_stderr(palette)
                    .on_closed(closed)
                    .on_unwritable(unwritable),
            ),
            Output::Quiet => reporters.and(
                Quiet::new(stdout(), stderr())
                    .colored(palette)
                    .on_closed(closed)
                    .on_unwritable(unwritable),
            ),
        };
        // After the others, whose summary comes before it.
        Ok(match self.trace {
            true => reporters.and(Trace::new(stderr()).colored(palette)),
            false => reporters,
        })
    }

    /// Whether results and listings are for programs.
    pub(super) fn is_json(&self) -> bool {
        self.output == Output::Json
    }
}
