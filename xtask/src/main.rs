//! `cargo xtask`: the development tasks of this workspace.
//!
//! This file owns the command line and nothing else; every task has a file of its own. The tool is never shipped
//! and knows nothing of the framework: it may start cargo and it makes the hosts that tests deploy to.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod check;
mod ci;
mod command;
mod conflicts;
mod error;
mod lab;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development tasks of this workspace")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Real Linux hosts on this machine, to deploy to
    #[command(subcommand)]
    Lab(lab::Command),
    /// All tests, those that need lab hosts included
    Test,
    /// What the design promises, measured against other tools; needs root
    Bench(bench::Options),
    /// What a change must pass: formatting, lints, documentation, tests
    Ci,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Lab(command) => lab::run(command),
        Task::Test => test::run(),
        Task::Bench(options) => bench::run(&options),
        Task::Ci => ci::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}
