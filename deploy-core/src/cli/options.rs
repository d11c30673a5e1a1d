//! Our own options: what they are called, what they take, and the environment that they lead to.
//!
//! All mistakes in them end here, before the tree is built.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::around::{self, Around};
use super::connecting::{self, Connecting};
use super::control::{self, Control};
use super::limits::{self, Limits};
use super::reporting::{self, Reporting};
use super::values::pattern;
use super::{password, terminal};
use crate::Result;
use crate::console::Console;
use crate::env::{Env, Mode};
use crate::host::{Pattern, Selection};
use crate::report::palette::Palette;

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
    pub(super) control: Control,
    pub(super) around: Around,
    pub(super) reporting: Reporting,
    connecting: Connecting,
    hosts: Vec<Pattern>,
    exclude: Vec<Pattern>,
    mode: Mode,
    limits: Limits,
    yes: bool,
    non_interactive: bool,
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

/// All options, without nodes and actions.
pub(super) fn command() -> Command {
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
        .arg(
            flag("sandbox", "Only let each host's shell check the commands for syntax")
                .conflicts_with("dry-run"),
        )
        .args(control::args())
        .args(limits::args())
        .args(around::args())
        .arg(flag("yes", "Answer questions for confirmation with yes").short('y'))
        .arg(flag("non-interactive", "Ask nothing: a question without an answer is an error"))
        .arg(option(
            "sudo-password-command",
            "COMMAND",
            "Take the password for sudo (or doas, su) from what this prints, where a host wants one",
        ))
        .args(connecting::args())
        .args(reporting::args())
        .arg(
            option("completions", "SHELL", "Print the script that makes a shell complete")
                .value_parser(PossibleValuesParser::new(["bash", "zsh", "fish"])),
        )
        .arg(flag("complete-words", "What the last word could become").hide(true))
        .arg(flag("help", "Show this help, for a node or an action as well").short('h'))
        .arg(flag("version", "Show the version").short('V'))
}

/// An option with a value.
pub(super) fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// An option without one.
pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// An option whose value is a file or a directory.
pub(super) fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    option(name, value, help).value_parser(value_parser!(PathBuf))
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
            mode: match (flag("dry-run"), flag("sandbox")) {
                (true, _) => Mode::DryRun,
                (_, true) => Mode::Sandbox,
                _ => Mode::Apply,
            },
            limits: Limits::of(&matches),
            sudo_password_command: text("sudo-password-command"),
            yes: flag("yes"),
            non_interactive: flag("non-interactive"),
            control: Control::of(&matches),
            around: Around::of(&matches),
            reporting: Reporting::of(&mut matches)?,
            connecting: Connecting::of(&mut matches),
            hosts: all(&mut matches, "hosts"),
            exclude: all(&mut matches, "exclude"),
        })
    }

    /// The environment that they describe.
    pub(super) fn env(&self) -> Result<Env> {
        let env = Env::quiet();
        let reporter = self.reporting.reporter(env.cancellation())?;
        let env = env
            .reporter(reporter)
            .with_console(self.console())
            .sudo_password(password::source(self.sudo_password_command.as_ref())?)
            .mode(self.mode)
            .selection(Selection {
                only: self.hosts.clone(),
                without: self.exclude.clone(),
                names: None,
            });
        let env = self.around.apply(self.connecting.apply(env)?);
        Ok(self.limits.apply(self.control.apply(env, terminal::is_attended())?))
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
        Palette { colored: self.reporting.color.applies(&std::io::stdout()) }
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

/// Every value of an option.
pub(super) fn all<T: Clone + Send + Sync + 'static>(
    matches: &mut ArgMatches,
    name: &str,
) -> Vec<T> {
    matches.remove_many(name).into_iter().flatten().collect()
}

/// Whether somebody looks at standard output.
pub(super) fn on_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Batch;

    fn parse(args: &[&str]) -> Result<Options, clap::Error> {
        Options::parse(&args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn every_option_is_in_the_document() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md");
        let document = std::fs::read_to_string(path).unwrap();
        for option in command().get_arguments().filter(|option| !option.is_hide_set()) {
            let name = option.get_long().unwrap();
            let row = match option.get_value_names() {
                Some([value, ..]) => format!("\n| `--{name} {}` | ", value.replace('|', "\\|")),
                _ => format!("\n| `--{name}`"),
            };
            assert!(document.contains(&row), "docs/command-line.md has no row {row}");
        }
    }

    #[test]
    fn options_lead_to_an_environment() {
        let options =
            parse(&["--dry-run", "--parallel", "3", "--timeout", "1m", "--batch", "25%"]).unwrap();
        assert_eq!(options.control.rollout.batch, Some(Batch::percent(25)));
        let env = options.env().unwrap();
        assert_eq!((env.parallelism(), env.current_mode()), (3, Mode::DryRun));
        assert_eq!(env.default_timeout(), Some(std::time::Duration::from_secs(60)));
    }

    #[test]
    fn wrong_values_are_refused() {
        for args in [
            &["--parallel", "0"][..],
            &["--parallel", "many"],
            &["--timeout", "5 parsecs"],
            &["--batch", "0%"],
            &["--batch", "200%"],
            &["--batch-pause", "often"],
            &["--canary", "0"],
            &["--serial", "--parallel", "2"],
            &["--on-error", "panic"],
            &["--hosts", "web[3-1]"],
            &["--hosts", ""],
            &["--output", "xml"],
            &["--ssh-option", "ForwardAgent"],
            &["--list", "--inspect"],
            &["--gather", "--output", "json"],
            &["--dry-run", "--sandbox"],
            &["--run"],
        ] {
            assert!(parse(args).is_err(), "{args:?}");
        }
    }
}
