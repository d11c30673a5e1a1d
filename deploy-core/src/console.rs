//! Questions to the person who runs the program.
//!
//! Asks on standard error and reads standard input line by line, and says clearly when there is nobody to ask. One
//! question at a time; meanwhile the reporter shows nothing.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::error::ErrorKind;
use crate::event::Reporter;
use crate::{Error, Result, Secret};

/// How often a question is asked again when the answer cannot be read.
const ATTEMPTS: usize = 5;

/// How soon a cancelled run stops waiting for an answer.
const POLL: Duration = Duration::from_millis(50);

/// Where questions are asked.
#[derive(Clone)]
pub struct Console {
    mode: ConsoleMode,
    /// Whether confirmations are answered with yes.
    yes: bool,
    input: Arc<dyn Answers>,
    reporter: Option<Arc<dyn Reporter>>,
    cancel: CancellationToken,
    /// Two questions at once would both be answered by the same line.
    turn: Arc<Mutex<()>>,
}

/// Whether and how questions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConsoleMode {
    Ask,
    Never,
}

/// Where answers come from. Each call blocks until there is a line or the input has ended.
trait Answers: Send + Sync + 'static {
    /// Shows the question.
    fn show(&self, text: &str);
    /// A line without its newline; `None` at the end of the input.
    fn line(&self) -> io::Result<Option<String>>;
    /// The same, without showing what is typed.
    fn hidden(&self) -> io::Result<Option<String>>;
}

/// Standard input and standard error.
struct Stdio;

impl Answers for Stdio {
    fn show(&self, text: &str) {
        let mut err = io::stderr().lock();
        // A question that cannot be shown will not be answered, which is reported.
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    fn line(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line)?;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok((read > 0).then_some(line))
    }

    fn hidden(&self) -> io::Result<Option<String>> {
        match rpassword::read_password() {
            Ok(line) => Ok(Some(line)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Console {
    fn new(mode: ConsoleMode) -> Self {
        Self {
            mode,
            yes: false,
            input: Arc::new(Stdio),
            reporter: None,
            cancel: CancellationToken::new(),
            turn: Arc::default(),
        }
    }

    /// Asks on the terminal.
    #[must_use]
    pub fn interactive() -> Self {
        Self::new(ConsoleMode::Ask)
    }

    /// Never asks: a question without a default is an error.
    #[must_use]
    pub fn non_interactive() -> Self {
        Self::new(ConsoleMode::Never)
    }

    /// Never asks: confirmations are answered with yes.
    #[must_use]
    pub fn always_yes() -> Self {
        Self::non_interactive().assume_yes()
    }

    /// Answers confirmations with yes, and asks everything else as before.
    #[must_use]
    pub fn assume_yes(mut self) -> Self {
        self.yes = true;
        self
    }

    /// What is held back while a question is asked, and what ends it.
    pub(crate) fn attach(&mut self, reporter: Arc<dyn Reporter>, cancel: CancellationToken) {
        self.reporter = Some(reporter);
        self.cancel = cancel;
    }

    /// Whether there is somebody to ask.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.mode == ConsoleMode::Ask
    }

    /// Whether confirmations are answered with yes.
    pub(crate) fn assumes_yes(&self) -> bool {
        self.yes
    }

    /// A question for a value.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # fn f(env: &Env) -> Result {
    /// let port: u16 = env.console().input("Which port?").default("8080").ask()?;
    /// # Ok(()) }
    /// ```
    pub fn input(&self, question: impl Into<String>) -> Input<'_> {
        Input { console: self, question: question.into(), default: None }
    }

    /// A yes-or-no question; no unless somebody says yes.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub fn confirm(&self, question: impl Into<String>) -> Result<bool> {
        let question = question.into();
        if self.yes {
            return Ok(true);
        }
        let answer = self.until_valid(
            &question,
            &format!("{question} [y/N] "),
            Some("n"),
            Answers::line,
            "--yes answers it with yes",
            |answer| match answer.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => Ok(true),
                "n" | "no" => Ok(false),
                _ => Err("please answer y or n".to_owned()),
            },
        )?;
        Ok(answer)
    }

    /// A question whose answer is not shown.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub fn password(&self, question: impl Into<String>) -> Result<Secret> {
        let question = question.into();
        let shown = format!("{question} ");
        let hint = "a password is only ever asked for, never taken from the command line";
        self.until_valid(&question, &shown, None, Answers::hidden, hint, |answer| {
            Ok(Secret::new(answer.to_owned()))
        })
    }

    /// A choice among options, by number or by its own words; the answer is its index.
    ///
    /// # Errors
    /// When there is nobody to ask, or nothing to choose from.
    pub fn choose<T: Display>(
        &self,
        question: impl Into<String>,
        options: impl IntoIterator<Item = T>,
    ) -> Result<usize> {
        let question = question.into();
        let options: Vec<String> = options.into_iter().map(|option| option.to_string()).collect();
        if options.is_empty() {
            return Err(Error::usage(format!("{question}: there is nothing to choose from")));
        }
        let mut shown = format!("{question}\n");
        for (index, option) in options.iter().enumerate() {
            shown.push_str(&format!("  {}) {option}\n", index + 1));
        }
        shown.push_str(&format!("[1-{}] ", options.len()));
        let hint = format!("there are {}", options.join(", "));
        self.until_valid(&question, &shown, None, Answers::line, &hint, |answer| {
            let answer = answer.trim();
            let number = answer.parse::<usize>().ok().filter(|n| (1..=options.len()).contains(n));
            number
                .map(|n| n - 1)
                .or_else(|| options.iter().position(|option| option == answer))
                .ok_or_else(|| format!("please answer with a number from 1 to {}", options.len()))
        })
    }

    /// Asks until `read` can make something of the answer; an empty one means the default.
    fn until_valid<T>(
        &self,
        question: &str,
        shown: &str,
        default: Option<&str>,
        get: fn(&dyn Answers) -> io::Result<Option<String>>,
        hint: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        if self.mode != ConsoleMode::Ask {
            return Err(nobody(question, hint));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let _pause = Pause::of(self.reporter.as_deref());
        for _ in 0..ATTEMPTS {
            self.input.show(shown);
            let Some(answer) = self.answer(get)? else {
                self.input.show("\n");
                return Err(nobody(question, hint));
            };
            let answer = match default {
                Some(default) if answer.trim().is_empty() => default,
                _ => &answer,
            };
            match read(answer) {
                Ok(value) => return Ok(value),
                Err(message) => self.input.show(&format!("{message}\n")),
            }
        }
        Err(Error::usage(format!("{question} {ATTEMPTS} answers could not be read")))
    }

    /// Waits for an answer or for the end of the run, whichever is first. The thread that reads cannot be ended; it
    /// is left behind, since after the end of the run nothing is asked any more.
    fn answer(
        &self,
        get: fn(&dyn Answers) -> io::Result<Option<String>>,
    ) -> Result<Option<String>> {
        let (sender, receiver) = mpsc::channel();
        let input = self.input.clone();
        std::thread::Builder::new()
            .name("question".to_owned())
            // Whoever asked may be gone, and with it the interest in the answer.
            .spawn(move || drop(sender.send(get(&*input))))?;
        loop {
            if self.cancel.is_cancelled() {
                self.input.show("\n");
                return Err(interrupted());
            }
            match receiver.recv_timeout(POLL) {
                // Ctrl-C where nothing is shown; the run is told of it as well, and maybe later.
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    return Err(interrupted());
                }
                Ok(answer) => return Ok(answer?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

fn interrupted() -> Error {
    let detail = "while a question was asked".to_owned();
    Error::new(ErrorKind::Cancelled { host: None, detail })
}

fn nobody(question: &str, hint: &str) -> Error {
    Error::usage_with_hint(format!("there is nobody to answer the question: {question}"), hint)
}

/// Keeps the reporter silent for as long as it lives.
pub(crate) struct Pause<'a>(Option<&'a dyn Reporter>);

impl<'a> Pause<'a> {
    pub(crate) fn of(reporter: Option<&'a dyn Reporter>) -> Self {
        if let Some(reporter) = reporter {
            reporter.pause(true);
        }
        Self(reporter)
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        if let Some(reporter) = self.0 {
            reporter.pause(false);
        }
    }
}

/// A question that is being put together.
#[derive(Debug)]
#[must_use = "a question is only asked by `ask`"]
pub struct Input<'a> {
    console: &'a Console,
    question: String,
    default: Option<String>,
}

impl Input<'_> {
    /// The answer when nothing is typed, or nobody is there.
    pub fn default(mut self, answer: impl Into<String>) -> Self {
        self.default = Some(answer.into());
        self
    }

    /// Asks until the answer can be read as a `T`.
    ///
    /// # Errors
    /// When there is nobody to ask and no default, or no answer could be read.
    pub fn ask<T: FromStr>(self) -> Result<T>
    where
        T::Err: Display,
    {
        let Self { console, question, default } = self;
        let read = |answer: &str| -> Result<T, String> {
            answer.trim().parse::<T>().map_err(|error| format!("{answer:?}: {error}"))
        };
        if let (Some(default), false) = (&default, console.is_interactive()) {
            return read(default).map_err(|message| Error::usage(format!("{question} {message}")));
        }
        let shown = match &default {
            Some(default) => format!("{question} [{default}] "),
            None => format!("{question} "),
        };
        let hint = "give it as an argument of the action if it takes one, or run it on a terminal";
        console.until_valid(&question, &shown, default.as_deref(), Answers::line, hint, read)
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Console").field(&self.mode).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::ExitCode;

    /// Answers from a script; remembers what was shown.
    #[derive(Default)]
    struct Script {
        lines: Mutex<VecDeque<&'static str>>,
        shown: Mutex<String>,
    }

    impl Answers for Script {
        fn show(&self, text: &str) {
            self.shown.lock().unwrap().push_str(text);
        }
        fn line(&self) -> io::Result<Option<String>> {
            Ok(self.lines.lock().unwrap().pop_front().map(str::to_owned))
        }
        fn hidden(&self) -> io::Result<Option<String>> {
            self.line()
        }
    }

    fn console(lines: &[&'static str]) -> (Console, Arc<Script>) {
        let script = Arc::new(Script {
            lines: Mutex::new(lines.iter().copied().collect()),
            shown: Mutex::default(),
        });
        (Console { input: script.clone(), ..Console::interactive() }, script)
    }

    #[test]
    fn a_question_is_asked_again_until_the_answer_can_be_read() {
        let (console, script) = console(&["eighty", "80"]);
        assert_eq!(console.input("Which port?").ask::<u16>().unwrap(), 80);
        let shown = script.shown.lock().unwrap().clone();
        assert_eq!(shown, "Which port? \"eighty\": invalid digit found in string\nWhich port? ");
    }

    #[test]
    fn asking_again_has_an_end() {
        let (console, _) = console(&["x"; 9]);
        assert_eq!(console.input("n?").ask::<u8>().unwrap_err().exit_code(), ExitCode::Usage);
    }

    #[test]
    fn an_empty_answer_is_the_default() {
        let (console, _) = console(&["", "", "y", "maybe", "n"]);
        assert_eq!(console.input("n?").default("7").ask::<u8>().unwrap(), 7);
        assert!(!console.confirm("Really?").unwrap());
        assert!(console.confirm("Really?").unwrap());
        assert!(!console.confirm("Really?").unwrap());
    }

    #[test]
    fn a_choice_is_made_by_number_or_by_word() {
        let (console, script) = console(&["3", "2", "a"]);
        assert_eq!(console.choose("Which?", ["a", "b"]).unwrap(), 1);
        assert_eq!(console.choose("Which?", ["a", "b"]).unwrap(), 0);
        assert!(script.shown.lock().unwrap().starts_with("Which?\n  1) a\n  2) b\n[1-2] please"));
    }

    #[test]
    fn nobody_there_is_a_usage_error_that_names_the_question() {
        let (ended, _) = console(&[]);
        for console in [ended, Console::non_interactive(), Console::always_yes()] {
            let error = console.input("Which commit?").ask::<String>().unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::Usage);
            assert!(error.to_string().contains("Which commit?"), "{error}");
        }
        let error = Console::non_interactive().confirm("Really?").unwrap_err();
        assert!(error.to_string().contains("--yes"), "{error}");
        assert_eq!(Console::non_interactive().input("n?").default("7").ask::<u8>().unwrap(), 7);
        assert!(Console::always_yes().confirm("Really?").unwrap());
    }

    #[test]
    fn an_interrupted_question_is_an_interrupted_run() {
        struct Interrupted;
        impl Answers for Interrupted {
            fn show(&self, _: &str) {}
            fn line(&self) -> io::Result<Option<String>> {
                Err(io::ErrorKind::Interrupted.into())
            }
            fn hidden(&self) -> io::Result<Option<String>> {
                self.line()
            }
        }
        let console = Console { input: Arc::new(Interrupted), ..Console::interactive() };
        let error = console.password("Password?").unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Interrupted);
    }

    #[test]
    fn the_end_of_the_run_ends_a_question() {
        struct Never;
        impl Answers for Never {
            fn show(&self, _: &str) {}
            fn line(&self) -> io::Result<Option<String>> {
                loop {
                    std::thread::park();
                }
            }
            fn hidden(&self) -> io::Result<Option<String>> {
                self.line()
            }
        }
        let console = Console { input: Arc::new(Never), ..Console::interactive() };
        console.cancel.cancel();
        let error = console.input("Which?").ask::<String>().unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Interrupted);
    }
}
