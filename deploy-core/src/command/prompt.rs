//! What a command shows on its terminal and what is typed then: [`Prompt`] and [`Answer`].
//!
//! Data alone. Who looks for prompts and when an answer is typed is decided where commands run.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use regex_lite::Regex;

use super::Secret;
use crate::{Error, Result};

/// Something that a command shows when it wants an answer, or when it goes wrong. See [`Cmd::respond`](super::Cmd::respond).
///
/// A string literal is a prompt that is looked for as it is.
///
/// ```
/// use std::time::Duration;
/// use deploy_core::prelude::*;
/// use deploy_core::Prompt;
///
/// let overwrite = Prompt::regex(r"(?i)overwrite \S+ \[y/n\]")?.times(3);
/// let passphrase = Prompt::text("Enter passphrase").within(Duration::from_secs(10));
/// let cmd = cmd!("./setup").respond(overwrite, "y").respond(passphrase, Secret::new("…".to_owned()));
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a prompt is given to `Cmd::respond` or `Cmd::fail_on`"]
pub struct Prompt {
    pattern: Pattern,
    times: usize,
    within: Option<Duration>,
}

#[derive(Clone, Debug)]
enum Pattern {
    Text(String),
    Regex(Box<Regex>),
}

impl Prompt {
    /// These very words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::new(Pattern::Text(words.into()))
    }

    /// What a regular expression fits, in the syntax of the `regex` crate without Unicode classes. It is tried whenever more has been
    /// shown, on all that has been shown since the last answer, so `$` fits wherever the output happens to stop.
    ///
    /// # Errors
    /// When it is none.
    pub fn regex(pattern: &str) -> Result<Self> {
        let regex = Regex::new(pattern).map_err(|error| {
            Error::usage(format!("`{pattern}` is no regular expression: {error}"))
        })?;
        Ok(Self::new(Pattern::Regex(Box::new(regex))))
    }

    fn new(pattern: Pattern) -> Self {
        Self { pattern, times: 1, within: None }
    }

    /// How often it is answered; once unless told otherwise. Shown once more than that, it ends the command with an error, so that
    /// a password that is not taken is an error and not a loop.
    pub const fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Ends the command with an error when this has not been shown so long after the command's start.
    pub const fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// How often it may be shown.
    pub(crate) const fn limit(&self) -> usize {
        self.times
    }

    /// How soon it must be shown.
    pub(crate) const fn deadline(&self) -> Option<Duration> {
        self.within
    }

    /// Where it is first shown in `text`.
    pub(crate) fn find(&self, text: &str) -> Option<Range<usize>> {
        match &self.pattern {
            Pattern::Text(words) => text.find(words.as_str()).map(|at| at..at + words.len()),
            Pattern::Regex(regex) => {
                regex.find_iter(text).map(|found| found.range()).find(|range| !range.is_empty())
            }
        }
    }

    fn is_empty(&self) -> bool {
        matches!(&self.pattern, Pattern::Text(words) if words.is_empty())
    }
}

/// As it is named in messages.
impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Text(words) => f.write_str(words.trim()),
            Pattern::Regex(regex) => f.write_str(regex.as_str()),
        }
    }
}

impl From<&str> for Prompt {
    fn from(words: &str) -> Self {
        Self::text(words)
    }
}

/// What is typed when a [`Prompt`] is shown: a line, after which Enter is pressed. A [`Secret`] is never shown.
///
/// ```
/// use deploy_core::prelude::*;
/// use deploy_core::Answer;
/// let cmd = cmd!("./menu").respond("Press a key", Answer::keys("q"));
/// ```
#[derive(Clone)]
pub struct Answer {
    keys: Secret,
    line: bool,
    hidden: bool,
}

impl Answer {
    /// These keys and nothing after them.
    pub fn keys(keys: impl Into<String>) -> Self {
        Self { keys: Secret::new(keys.into()), line: false, hidden: false }
    }

    /// A line.
    fn line(keys: String, hidden: bool) -> Self {
        Self { keys: Secret::new(keys), line: true, hidden }
    }

    /// The bytes as a keyboard sends them.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.keys.expose().as_bytes().to_vec();
        if self.line {
            bytes.push(b'\r');
        }
        bytes
    }

    /// What must not be shown of it.
    pub(crate) fn secret(&self) -> Option<&[u8]> {
        self.hidden.then(|| self.keys.expose().as_bytes())
    }
}

impl From<&str> for Answer {
    fn from(line: &str) -> Self {
        Self::line(line.to_owned(), false)
    }
}

impl From<String> for Answer {
    fn from(line: String) -> Self {
        Self::line(line, false)
    }
}

impl From<Secret> for Answer {
    fn from(line: Secret) -> Self {
        Self::from(&line)
    }
}

impl From<&Secret> for Answer {
    fn from(line: &Secret) -> Self {
        Self::line(line.expose().clone(), true)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hidden {
            true => f.write_str("<secret>"),
            false => write!(f, "Answer({:?})", self.keys.expose()),
        }
    }
}

/// Whether a command has a terminal on the host, and who is at the other end of it.
#[derive(Clone, Debug, Default)]
pub(crate) enum OnTerminal {
    /// It has none.
    #[default]
    No,
    /// The person at our own terminal.
    Person,
    /// Nobody but these.
    Responders(Vec<Responder>),
}

/// What is looked for, and what is done about it.
#[derive(Clone, Debug)]
pub(crate) struct Responder {
    pub(crate) prompt: Prompt,
    /// What is typed; without it the command is ended.
    pub(crate) answer: Option<Answer>,
}

impl Responder {
    /// Why it cannot be used.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let Some(answer) = &self.answer else {
            return self
                .prompt
                .is_empty()
                .then_some("an empty prompt is in everything that is shown");
        };
        let keys = answer.keys.expose();
        match () {
            () if self.prompt.is_empty() => Some("an empty prompt is in everything that is shown"),
            () if answer.line && keys.contains(|c: char| c.is_control()) => Some(
                "an answer is one line without control characters, which a terminal would act upon",
            ),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_found_where_they_are() {
        let regex = |pattern| Prompt::regex(pattern).unwrap();
        for (prompt, text, found) in [
            (Prompt::text("word: "), "a word: b", Some(2..8)),
            (Prompt::text("(.*)"), "abc", None),
            (regex(r"[Pp]ass(word|phrase).*: $"), "New password for x: ", Some(4..20)),
            (regex("x*"), "aaxx", Some(2..4)),
        ] {
            assert_eq!(prompt.find(text), found, "{prompt}");
        }
        assert!(Prompt::regex("(").is_err());
    }

    #[test]
    fn an_answer_is_typed_as_a_keyboard_sends_it_and_a_secret_one_is_not_shown() {
        let secret = Answer::from(Secret::new("hunter2".to_owned()));
        assert_eq!(secret.bytes(), b"hunter2\r");
        assert_eq!(format!("{secret:?}"), "<secret>");
        assert_eq!(Answer::keys("q").bytes(), b"q");
        for (prompt, answer, right) in
            [("a", "b", true), ("", "b", false), ("a", "b\nc", false), ("a", "\u{3}", false)]
        {
            let responder = Responder { prompt: prompt.into(), answer: Some(answer.into()) };
            assert_eq!(responder.mistake().is_none(), right, "{responder:?}");
        }
    }
}
