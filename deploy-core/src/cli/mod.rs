//! The command line: from the arguments of the process to its exit code.
//!
//! The only layer that reads arguments and the process environment. Everything up to running an action touches no host,
//! and a mistake found there ends with exit code 2.

mod around;
mod command;
mod complete;
mod connect;
mod connecting;
mod control;
mod help;
mod limits;
mod lock;
mod options;
mod password;
mod reporting;
mod retry;
mod run;
mod runlog;
mod show;
mod terminal;
mod typed;
mod values;
mod words;

use std::io::Write;
use std::process::ExitCode;

use command::Command;
use options::Options;
use retry::Again;
use runlog::RunLog;
use words::Words;

use crate::env::Env;
use crate::event::Failure;
use crate::host::Pattern;
use crate::name::did_you_mean;
use crate::report::diagnostic;
use crate::report::palette::Palette;
use crate::tree::Tree;
use crate::{Error, Result};

/// Makes the tree of a program in an environment.
type Make = Box<dyn Fn(&Env) -> Result<Tree>>;

/// What a generated `main` calls.
#[must_use]
pub(crate) fn main(make: Make) -> ExitCode {
    let mut args = std::env::args_os();
    let program = args.next().map_or_else(String::new, |path| {
        let path = std::path::PathBuf::from(path);
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    });
    let args: Result<Vec<String>> = args
        .map(|arg| {
            arg.into_string()
                .map_err(|arg| Error::usage(format!("the argument {arg:?} is not UTF-8")))
        })
        .collect();
    let words = match args {
        Ok(args) => Words::cut(&options::command(), args),
        Err(error) => return usage(&error, Palette::default()),
    };
    let options = match Options::parse(&words.options) {
        Ok(options) => options,
        Err(error) => return bad_option(&error),
    };
    if let Some(shell) = &options.completions {
        return print(&complete::script(shell, &program));
    }
    if options.complete {
        // A tree with mistakes in it has nothing to offer; whoever runs the program is told of them.
        let tree = make(&Env::quiet());
        return print(
            &tree.map_or_else(|_| String::new(), |tree| complete::candidates(&tree, &words.words)),
        );
    }
    let stderr = Palette { colored: options.reporting.color.applies(&std::io::stderr()) };
    let log = RunLog::of(&program);
    match prepare(&make, &words, &options, log.as_ref()) {
        Ok((env, command)) => carry_out(&program, &env, &command, &options, log.as_ref()),
        Err(error) => usage(&error, stderr),
    }
}

/// Everything before the first host is touched.
fn prepare(
    make: &Make,
    words: &Words,
    options: &Options,
    log: Option<&RunLog>,
) -> Result<(Env, Command)> {
    let env = options.env()?;
    let tree = make(&env)?;
    check_hosts(&tree, options)?;
    let command = Command::of(&tree, words, options)?;
    if matches!(command, Command::Call(_) | Command::Run { .. } | Command::Lock(..)) {
        tree.check()?;
    }
    if !options.around.retry_failed {
        return Ok((env, command));
    }
    match retry::find(&env, &command, log)? {
        Again::Nothing(why) => Ok((env, Command::Nothing(why))),
        Again::On(hosts) => {
            let env = env.only(hosts);
            let command = Command::of(&make(&env)?, words, options)?;
            Ok((env, command))
        }
    }
}

fn carry_out(
    program: &str,
    env: &Env,
    command: &Command,
    options: &Options,
    log: Option<&RunLog>,
) -> ExitCode {
    let palette = options.stdout_palette();
    if options.version {
        return print(&format!("{program} (deploy-core {})\n", env!("CARGO_PKG_VERSION")));
    }
    match command {
        Command::Call(_)
        | Command::Run { .. }
        | Command::Lock(..)
        | Command::Nothing(_)
        | Command::Connect(_) => run::run(env, command, &options.reporting, log),
        Command::List(node) if options.reporting.is_json() => {
            print(&format!("{}\n", show::list_json(node)))
        }
        Command::List(node) => print(&show::list(node, palette)),
        Command::Inspect(node) if options.reporting.is_json() => {
            print(&format!("{}\n", show::inspect_json(node)))
        }
        Command::Inspect(node) => print(&show::inspect(node, palette)),
        Command::SourceCode(node) => print(&show::source(node)),
        Command::Help(node, Some(action)) => print(&help::action(program, node, action, palette)),
        Command::Help(node, None) => print(&help::node(program, node, palette)),
        Command::Alone(node) => {
            let stderr = Palette { colored: options.reporting.color.applies(&std::io::stderr()) };
            let error = match node.path() {
                path if !path.is_empty() => {
                    Error::usage(format!("`{path}` is a node: say what it is to do"))
                }
                _ if options::on_a_terminal() => {
                    Error::usage("say what to do (there is no interactive shell yet)")
                }
                _ => Error::usage("say what to do"),
            };
            let code = usage(&error, stderr);
            let help = match node.path().is_empty() {
                true => help::node(program, node, stderr),
                false => help::contents(node, stderr),
            };
            complain(&format!("{}\n", help.trim_end()));
            code
        }
    }
}

/// A pattern that chooses no host of the tree is a typing mistake.
fn check_hosts(tree: &Tree, options: &Options) -> Result {
    let mut names: Vec<String> = Vec::new();
    for (option, pattern) in options.chosen_hosts() {
        if names.is_empty() {
            names = all_hosts(tree);
        }
        for item in pattern.names() {
            let matches = Pattern::parse(item)?;
            if !names.iter().any(|name| matches.matches(name)) {
                let guess = did_you_mean(item, names.iter().map(String::as_str))
                    .map_or_else(String::new, |guess| format!(", did you mean `{guess}`?"));
                return Err(Error::usage_with_hint(
                    format!("`{option} {pattern}`: there is no host `{item}`{guess}"),
                    format!("hosts: {}", names.join(", ")),
                ));
            }
        }
    }
    Ok(())
}

fn all_hosts(tree: &Tree) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for node in tree.walk() {
        for host in &node.hosts() {
            if !names.iter().any(|known| known == host.name()) {
                names.push(host.name().to_owned());
            }
        }
    }
    names
}

/// Shows what was asked for. That nobody reads it to its end is no mistake.
fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("cannot write the output: {error}\n"));
            crate::ExitCode::Failed.into()
        }
        _ => ExitCode::SUCCESS,
    }
}

fn complain(text: &str) {
    // Standard error is the last resort: there is nowhere to tell that it is gone.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// An error of the time before the run, or after it.
fn usage(error: &Error, palette: Palette) -> ExitCode {
    for failure in Failure::of(error) {
        complain(&diagnostic(&failure, palette));
    }
    error.exit_code().into()
}

fn bad_option(error: &clap::Error) -> ExitCode {
    // As above.
    let _ = error.print();
    crate::ExitCode::Usage.into()
}
