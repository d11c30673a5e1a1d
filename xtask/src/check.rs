//! The steps of `test` and `ci`, and the summary at their end.

use std::process::{Command, ExitCode};

use crate::command;
use crate::error::Result;

/// What became of the steps so far.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<(String, Outcome)>);

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl Checks {
    /// Runs a program as one step; true when it succeeded.
    pub(crate) fn step(&mut self, name: &str, command: &mut Command) -> Result<bool> {
        let good = command::shown(command)?;
        let outcome = if good { Outcome::Passed } else { Outcome::Failed(String::new()) };
        self.0.push((name.to_owned(), outcome));
        Ok(good)
    }

    /// Notes a step of our own that passed.
    pub(crate) fn passed(&mut self, name: &str) {
        self.0.push((name.to_owned(), Outcome::Passed));
    }

    /// Notes a step that failed for a reason of its own.
    pub(crate) fn failed(&mut self, name: &str, why: impl Into<String>) {
        self.0.push((name.to_owned(), Outcome::Failed(why.into())));
    }

    /// Notes a step that was not run.
    pub(crate) fn skipped(&mut self, name: &str, why: impl Into<String>) {
        self.0.push((name.to_owned(), Outcome::Skipped(why.into())));
    }

    /// Prints what passed, failed and was skipped; the exit code tells whether anything failed.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\nSummary");
        for (name, outcome) in &self.0 {
            println!("  {}", line(name, outcome));
        }
        let failed = self.0.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
        println!("{}", if failed { "FAILED" } else { "ok" });
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn line(name: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => format!("passed   {name}"),
        Outcome::Failed(why) if why.is_empty() => format!("FAILED   {name}"),
        Outcome::Failed(why) => format!("FAILED   {name}: {why}"),
        Outcome::Skipped(why) => format!("skipped  {name}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_line_says_why() {
        assert_eq!(line("lints", &Outcome::Passed), "passed   lints");
        assert_eq!(line("lab", &Outcome::Skipped("no root".into())), "skipped  lab: no root");
    }
}
