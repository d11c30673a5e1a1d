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
    log: Option<Place>,
    directory: Option<Place>,
    report: Option<Place>,
    trace: bool,
    /// Says why when standard output cannot be written.
    pub(super) unwritable: Unwritable,
}

/// A file or directory that is written to beside standard output.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    unwritable: Unwritable,
}

impl Place {
    fn new(what: &str, path: PathBuf) -> Self {
        let unwritable = Unwritable::of(format!("{what} `{}`", path.display()));
        Self { path, unwritable }
    }

    /// It cannot even be begun.
    fn mistake(&self, error: &std::io::Error) -> Error {
        Error::usage(self.unwritable.text(error))
    }
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
        let mut place =
            |name: &str, what: &str| matches.remove_one(name).map(|path| Place::new(what, path));
        let (directory, log, report) = (
            place("output-dir", "output to"),
            place("log", "the log"),
            place("report", "the report"),
        );
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
            unwritable: Unwritable::of("the output"),
            directory,
            log,
            report,
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
        if let Some(place) = &self.log {
            let mut file = File::options();
            let file = file.append(true).create(true).mode(0o600).open(&place.path);
            let file = file.map_err(|error| place.mistake(&error))?;
            reporters =
                reporters.and(Json::new(file).unseen().on_unwritable(place.unwritable.clone()));
        }
        if let Some(place) = &self.directory {
            let files = Files::new(&place.path, stderr()).map_err(|error| place.mistake(&error))?;
            reporters = reporters.and(files.on_unwritable(place.unwritable.clone()));
        }
        if let Some(place) = &self.report {
            let html = Html::new(&place.path).map_err(|error| place.mistake(&error))?;
            reporters = reporters.and(html.on_unwritable(place.unwritable.clone()));
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

    /// What could not be written so far beside standard output, and has not been told yet.
    pub(super) fn untold(&self) -> Vec<Error> {
        let places = [&self.log, &self.directory, &self.report].into_iter().flatten();
        places.filter_map(|place| place.unwritable.untold().map(Error::msg)).collect()
    }

    /// Whether results and listings are for programs.
    pub(super) fn is_json(&self) -> bool {
        self.output == Output::Json
    }
}
