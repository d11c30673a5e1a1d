//! Our own options: what they are called, what they take, and the environment that they lead to.
//!
//! All mistakes in them end here, before the tree is built.

use std::fs::File;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{password, terminal};
use crate::console::Console;
use crate::env::{Env, Mode, Selection};
use crate::host::Pattern;
use crate::node::Batch;
use crate::report::palette::Palette;
use crate::report::{Coloring, Html, Human, Json, Quiet, Tee, Trace};
use crate::{Error, Result};

/// What was asked for beside nodes and actions.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) help: bool,
    pub(super) version: bool,
    /// The shell whose completion script is asked for.
    pub(super) completions: Option<String>,
    /// Whether a completion script asks what the last word could become.
    pub(super) complete: bool,
    pub(super) on_node: Option<OnNode>,
    pub(super) batch: Option<Batch>,
    pub(super) max_fail: Option<Batch>,
    pub(super) color: Coloring,
    hosts: Vec<Pattern>,
    exclude: Vec<Pattern>,
    mode: Mode,
    diff: bool,
    parallel: Option<usize>,
    timeout: Option<Duration>,
    retries: u32,
    yes: bool,
    non_interactive: bool,
    ssh_config: Option<PathBuf>,
    ssh_options: Vec<String>,
    output: Output,
    prefix: bool,
    log: Option<PathBuf>,
    report: Option<PathBuf>,
    trace: bool,
    verbose: u8,
    persist: Option<Duration>,
    connect_timeout: Option<Duration>,
    sudo_password_command: Option<String>,
}

/// What is done with a node instead of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OnNode {
    Run { command: String, sudo: bool },
    List,
    Inspect,
    SourceCode,
    Connect,
}

/// What output looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Human,
    Json,
    Quiet,
}

/// All options, without nodes and actions.
pub(super) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("options")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .help_template("{all-args}")
        .next_help_heading("Instead of an action")
        .arg(option("run", "COMMAND", "Run a shell command on the hosts of the node"))
        .arg(option("run-with-sudo", "COMMAND", "The same as root"))
        .arg(flag("connect", "Open a shell on the host of the node"))
        .arg(flag("list", "Show the tree below the node"))
        .arg(flag("inspect", "Show hosts, properties and actions of the node"))
        .arg(flag("source-code", "Show where the node is written, and its source"))
        .next_help_heading("Options")
        .arg(
            option("hosts", "PATTERN", "Only hosts that match, such as web[1-3],db* (repeatable)")
                .action(ArgAction::Append)
                .value_parser(pattern()),
        )
        .arg(
            option("exclude", "PATTERN", "Leave out hosts that match (repeatable)")
                .action(ArgAction::Append)
                .value_parser(pattern()),
        )
        .arg(flag(
            "dry-run",
            "Show what would change instead of changing it (exit code 4 if anything)",
        ))
        .arg(flag("diff", "Show the differences of changes"))
        .arg(
            flag("sandbox", "Only let each host's shell check the commands for syntax")
                .conflicts_with("dry-run"),
        )
        .arg(
            option("parallel", "N", "How many hosts work at once [default: 32]")
                .value_parser(value_parser!(u32).range(1..)),
        )
        .arg(option("batch", "N|P%", "Work through cells in batches").value_parser(batch))
        .arg(
            option("max-fail", "N|P%", "Begin no further cell once so many have failed")
                .value_parser(batch),
        )
        .arg(
            option("timeout", "TIME", "Limit for each command, such as 30s or 5m")
                .value_parser(time),
        )
        .arg(
            option("retries", "N", "Try again to connect after a failure")
                .value_parser(value_parser!(u32).range(..=100)),
        )
        .arg(flag("yes", "Answer questions for confirmation with yes").short('y'))
        .arg(flag("non-interactive", "Ask nothing: a question without an answer is an error"))
        .arg(option(
            "sudo-password-command",
            "COMMAND",
            "Take the password for sudo from what this prints, where a host wants one",
        ))
        .arg(path("ssh-config", "FILE", "Use this ssh_config instead of your own"))
        .arg(
            option("ssh-option", "KEY=VALUE", "An option for ssh, as `ssh -o` (repeatable)")
                .action(ArgAction::Append)
                .value_parser(ssh_option),
        )
        .arg(
            option("connect-timeout", "TIME", "How long connecting may take [default: 10s]")
                .value_parser(time),
        )
        .arg(
            option(
                "connection-persist",
                "TIME",
                "How long connections are kept for the next run [default: 60s]",
            )
            .value_parser(time),
        )
        .arg(
            option("output", "FORMAT", "What output looks like")
                .default_value("human")
                .value_parser(PossibleValuesParser::new(["human", "json", "quiet"])),
        )
        .arg(flag("no-prefix", "Do not put the host in front of its output"))
        .arg(path("log", "FILE", "Append every event to this file, as JSON"))
        .arg(path("report", "FILE", "Write a page about the run to this file, as HTML"))
        .arg(flag("trace", "At the end, show what ran in which action, and how long it took"))
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .action(ArgAction::Count)
                .help("Show commands; twice: also those that only read"),
        )
        .arg(
            option("color", "WHEN", "Colours")
                .default_value("auto")
                .value_parser(PossibleValuesParser::new(["auto", "always", "never"])),
        )
        .arg(
            option("completions", "SHELL", "Print the script that makes a shell complete")
                .value_parser(PossibleValuesParser::new(["bash", "zsh", "fish"])),
        )
        .arg(flag("complete-words", "What the last word could become").hide(true))
        .arg(flag("help", "Show this help, for a node or an action as well").short('h'))
        .arg(flag("version", "Show the version").short('V'))
}

fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help).value_parser(value_parser!(PathBuf))
}

fn pattern() -> ValueParser {
    clap::builder::NonEmptyStringValueParser::new()
        .try_map(|text| {
            Pattern::parse(&text).map_err(Box::<dyn std::error::Error + Send + Sync>::from)
        })
        .into()
}

fn batch(text: &str) -> Result<Batch, String> {
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let number = digits.parse::<usize>().ok().filter(|n| *n > 0 && (!percent || *n <= 100));
    match number {
        Some(n) if percent => Ok(Batch::percent(n)),
        Some(n) => Ok(Batch::hosts(n)),
        None => Err("it is a number of hosts such as 5, or a share such as 25%".to_owned()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; a time is written as 30s, 5m or 1h30m"))
}

fn ssh_option(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Ok(text.to_owned())
        }
        _ => Err("it is written as Key=Value, such as ForwardAgent=yes".to_owned()),
    }
}

impl Options {
    /// Reads the options.
    pub(super) fn parse(args: &[String]) -> Result<Self, clap::Error> {
        let mut matches = command().try_get_matches_from(args)?;
        let flag = |name: &str| matches.get_flag(name);
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let on_node = on_node(&matches)?;
        Ok(Self {
            help: flag("help"),
            version: flag("version"),
            completions: text("completions"),
            complete: flag("complete-words"),
            on_node,
            batch: matches.get_one("batch").copied(),
            max_fail: matches.get_one("max-fail").copied(),
            color: match text("color").as_deref() {
                Some("always") => Coloring::Always,
                Some("never") => Coloring::Never,
                _ => Coloring::Auto,
            },
            mode: match (flag("dry-run"), flag("sandbox")) {
                (true, _) => Mode::DryRun,
                (_, true) => Mode::Sandbox,
                _ => Mode::Apply,
            },
            diff: flag("diff"),
            parallel: matches.get_one::<u32>("parallel").map(|n| *n as usize),
            timeout: matches.get_one("timeout").copied(),
            retries: matches.get_one("retries").copied().unwrap_or(0),
            sudo_password_command: text("sudo-password-command"),
            yes: flag("yes"),
            non_interactive: flag("non-interactive"),
            output: match text("output").as_deref() {
                Some("json") => Output::Json,
                Some("quiet") => Output::Quiet,
                _ => Output::Human,
            },
            prefix: !flag("no-prefix"),
            trace: flag("trace"),
            verbose: matches.get_count("verbose"),
            persist: matches.get_one("connection-persist").copied(),
            connect_timeout: matches.get_one("connect-timeout").copied(),
            ssh_config: matches.remove_one("ssh-config"),
            log: matches.remove_one("log"),
            report: matches.remove_one("report"),
            hosts: all(&mut matches, "hosts"),
            exclude: all(&mut matches, "exclude"),
            ssh_options: all(&mut matches, "ssh-option"),
        })
    }

    /// The environment that they describe.
    pub(super) fn env(&self) -> Result<Env> {
        let env = Env::quiet();
        let env = self.reported(env)?;
        let mut env = env
            .with_console(self.console())
            .sudo_password(password::source(self.sudo_password_command.as_ref())?)
            .mode(self.mode)
            .selection(Selection { only: self.hosts.clone(), without: self.exclude.clone() })
            .connect_settings(|settings| {
                settings.ssh_config.clone_from(&self.ssh_config);
                settings.ssh_options.clone_from(&self.ssh_options);
                settings.retries = self.retries;
                settings.persist = self.persist.unwrap_or(settings.persist);
                settings.connect_timeout = self.connect_timeout.unwrap_or(settings.connect_timeout);
            });
        if let Some(file) = &self.ssh_config
            && let Err(error) = File::open(file)
        {
            return Err(Error::usage(format!("cannot read `{}`: {error}", file.display())));
        }
        if let Some(hosts) = self.parallel {
            env = env.parallel(hosts);
        }
        if let Some(limit) = self.timeout {
            env = env.timeout(limit);
        }
        Ok(env)
    }

    fn reported(&self, env: Env) -> Result<Env> {
        let closed = env.cancellation().clone();
        let mut reporters = Tee::new();
        if let Some(path) = &self.log {
            let file = File::options().append(true).create(true).open(path).map_err(|error| {
                Error::usage(format!("cannot write the log `{}`: {error}", path.display()))
            })?;
            reporters = reporters.and(Json::new(file));
        }
        if let Some(path) = &self.report {
            reporters = reporters.and(Html::new(path).map_err(|error| {
                Error::usage(format!("cannot write the report `{}`: {error}", path.display()))
            })?);
        }
        let (stdout, stderr) = (std::io::stdout, std::io::stderr);
        let palette = Palette { colored: self.color.applies(&stderr()) };
        let reporters = match self.output {
            Output::Human => reporters.and(
                Human::stdio(self.color)
                    .prefix(self.prefix)
                    .verbose(self.verbose)
                    .diff(self.diff)
                    .on_closed(closed),
            ),
            Output::Json => {
                reporters.and(Json::new(stdout()).failures_to_stderr(palette).on_closed(closed))
            }
            Output::Quiet => {
                reporters.and(Quiet::new(stdout(), stderr()).colored(palette).on_closed(closed))
            }
        };
        // After the others, whose summary comes before it.
        Ok(env.reporter(match self.trace {
            true => reporters.and(Trace::new(stderr()).colored(palette)),
            false => reporters,
        }))
    }

    fn console(&self) -> Console {
        let console = match self.non_interactive || !terminal::may_answer(&std::io::stdin()) {
            true => Console::non_interactive(),
            false => Console::interactive(),
        };
        if self.yes { console.assume_yes() } else { console }
    }

    /// The names and patterns that chose hosts, with the option they belong to.
    pub(super) fn chosen_hosts(&self) -> impl Iterator<Item = (&'static str, &Pattern)> {
        let only = self.hosts.iter().map(|pattern| ("--hosts", pattern));
        only.chain(self.exclude.iter().map(|pattern| ("--exclude", pattern)))
    }

    /// Whether standard output is coloured.
    pub(super) fn stdout_palette(&self) -> Palette {
        Palette { colored: self.color.applies(&std::io::stdout()) }
    }

    /// Whether results and listings are for programs.
    pub(super) fn is_json(&self) -> bool {
        self.output == Output::Json
    }
}

fn on_node(matches: &ArgMatches) -> Result<Option<OnNode>, clap::Error> {
    let run = |name: &str, sudo| {
        let command = matches.get_one::<String>(name)?.clone();
        Some((name.to_owned(), OnNode::Run { command, sudo }))
    };
    let flag = |name: &str, what: OnNode| matches.get_flag(name).then(|| (name.to_owned(), what));
    let given: Vec<(String, OnNode)> = [
        run("run", false),
        run("run-with-sudo", true),
        flag("connect", OnNode::Connect),
        flag("list", OnNode::List),
        flag("inspect", OnNode::Inspect),
        flag("source-code", OnNode::SourceCode),
    ]
    .into_iter()
    .flatten()
    .collect();
    match given.as_slice() {
        [(first, _), (second, _), ..] => Err(clap::Error::raw(
            clap::error::ErrorKind::ArgumentConflict,
            format!("'--{first}' cannot be used together with '--{second}'\n"),
        )),
        _ => Ok(given.into_iter().next().map(|(_, what)| what)),
    }
}

fn all<T: Clone + Send + Sync + 'static>(matches: &mut ArgMatches, name: &str) -> Vec<T> {
    matches.remove_many(name).into_iter().flatten().collect()
}

/// Whether somebody looks at standard output.
pub(super) fn on_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, clap::Error> {
        Options::parse(&args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn options_lead_to_an_environment() {
        let options =
            parse(&["--dry-run", "--parallel", "3", "--timeout", "1m", "--batch", "25%"]).unwrap();
        assert_eq!(options.batch, Some(Batch::percent(25)));
        let env = options.env().unwrap();
        assert_eq!((env.parallelism(), env.current_mode()), (3, Mode::DryRun));
        assert_eq!(env.default_timeout(), Some(Duration::from_secs(60)));
    }

    #[test]
    fn wrong_values_are_refused() {
        for args in [
            &["--parallel", "0"][..],
            &["--parallel", "many"],
            &["--timeout", "5 parsecs"],
            &["--batch", "0%"],
            &["--batch", "200%"],
            &["--hosts", "web[3-1]"],
            &["--hosts", ""],
            &["--output", "xml"],
            &["--ssh-option", "ForwardAgent"],
            &["--list", "--inspect"],
            &["--dry-run", "--sandbox"],
            &["--run"],
        ] {
            assert!(parse(args).is_err(), "{args:?}");
        }
    }
}
