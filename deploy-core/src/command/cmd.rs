//! [`Cmd`]: a command as shell source in which every value is quoted, with its options.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::prompt::{Answer, OnTerminal, Prompt, Responder};
use super::source::Source;
use super::word::{ToRaw, ToWords, Words};
use super::{Retry, Stdin};

/// A command for a POSIX shell in which every interpolated value is quoted.
///
/// Made by `cmd!`, from a string literal, from words ([`Cmd::argv`]), or visibly unsafely ([`Cmd::raw`]).
/// Its `Display` is what is echoed and logged; secrets in it are shown as `<secret>`.
///
/// ```
/// use deploy_core::prelude::*;
/// let dir = "my project";
/// assert_eq!(cmd!("ls -l {dir}").to_string(), "ls -l 'my project'");
/// assert_eq!(Cmd::argv(["git", "commit", "-m", "a b"]).to_string(), "git commit -m 'a b'");
/// ```
#[derive(Clone)]
#[must_use = "a command does nothing until a host runs it"]
pub struct Cmd {
    source: Source,
    pub(crate) stdin: Stdin,
    pub(crate) timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) surroundings: Surroundings,
    pub(crate) ok_codes: Vec<u8>,
    pub(crate) retry: Retry,
    pub(crate) echo: Echo,
    pub(crate) effect: Effect,
    pub(crate) on_disconnect: OnDisconnect,
    /// What is echoed in place of the source.
    description: Option<Arc<str>>,
    /// Takes standard output in place of [`Output`](super::Output).
    pub(crate) on_stdout: Option<OnStdout>,
    pub(crate) terminal: OnTerminal,
}

/// Takes output as it comes.
pub(crate) type OnStdout = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Whether output lines and the command itself are shown while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Echo {
    #[default]
    Shown,
    Quiet,
}

/// In what surroundings a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surroundings {
    /// The directory, variables, umask and prefixes of its context.
    Context,
    /// None of these.
    None,
}

/// Whether a command may change the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Effect {
    #[default]
    Changes,
    ReadsOnly,
}

/// What becomes of a command whose connection is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDisconnect {
    /// It is ended, with its children.
    #[default]
    End,
    /// It runs on.
    KeepRunning,
}

impl Cmd {
    fn empty() -> Self {
        Self {
            source: Source::default(),
            stdin: Stdin::Null,
            timeout: None,
            idle_timeout: None,
            surroundings: Surroundings::Context,
            ok_codes: vec![0],
            retry: Retry::never(),
            echo: Echo::Shown,
            effect: Effect::Changes,
            on_disconnect: OnDisconnect::End,
            description: None,
            on_stdout: None,
            terminal: OnTerminal::No,
        }
    }

    /// A command of these words, each of which reaches the program unchanged.
    pub fn argv<W: ToWords>(words: impl IntoIterator<Item = W>) -> Self {
        let mut cmd = Self::empty();
        for (index, word) in words.into_iter().enumerate() {
            if index > 0 {
                cmd = cmd.lit(" ");
            }
            cmd = cmd.words(&word);
        }
        cmd
    }

    /// Shell source as it is. Whoever writes this answers for what it holds: nothing is quoted.
    pub fn raw(source: impl Into<String>) -> Self {
        Self::empty().raw_source(source.into())
    }

    /// A longer script with values: `$1`, `$2`, … in it are the words of `args`, each unchanged whatever it holds.
    ///
    /// ```
    /// use deploy_core::Cmd;
    /// let cmd = Cmd::script("[ -e \"$1\" ] || mkdir -- \"$1\"", ["my dir"]);
    /// assert_eq!(cmd.to_string(), "set -- 'my dir'\n[ -e \"$1\" ] || mkdir -- \"$1\"");
    /// ```
    pub fn script<W: ToWords>(source: &'static str, args: impl IntoIterator<Item = W>) -> Self {
        let args: Vec<W> = args.into_iter().collect();
        Self::empty().lit("set -- ").words(&args).lit("\n").lit(source)
    }

    /// The start of what `cmd!` expands to.
    #[doc(hidden)]
    pub fn new() -> Self {
        Self::empty()
    }

    /// Appends shell source of a `cmd!` literal.
    #[doc(hidden)]
    pub fn lit(mut self, source: &'static str) -> Self {
        self.source.literal(source);
        self
    }

    /// Appends a value's words, separated by blanks.
    #[doc(hidden)]
    pub fn words<T: ToWords + ?Sized>(mut self, value: &T) -> Self {
        let mut words = Words::default();
        value.to_words(&mut words);
        self.source.words(words.words);
        self
    }

    /// Appends text unquoted: `{x:raw}`.
    #[doc(hidden)]
    pub fn raw_part<T: ToRaw + ?Sized>(self, value: &T) -> Self {
        self.raw_source(value.to_raw())
    }

    fn raw_source(mut self, source: String) -> Self {
        self.source.raw(source);
        self
    }

    /// What the program reads on standard input: bytes or text.
    pub fn stdin(mut self, input: impl Into<Stdin>) -> Self {
        self.stdin = input.into();
        self
    }

    /// Ends the command, children included, after this long.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Ends the command, children included, when it has printed nothing for this long.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// use std::time::Duration;
    /// let hangs = cmd!("echo begun; sleep 60").idle_timeout(Duration::from_millis(200));
    /// let error = Host::local().run(hangs).await.unwrap_err();
    /// assert!(error.to_string().contains("printed nothing for 200ms and was ended"), "{error}");
    /// # });
    /// ```
    pub const fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = Some(limit);
        self
    }

    /// Which exit codes count as success; 0 alone unless told otherwise.
    pub fn ok_codes(mut self, codes: impl IntoIterator<Item = u8>) -> Self {
        self.ok_codes = codes.into_iter().collect();
        self
    }

    /// Runs it again when it fails, unless it has handed over output by then ([`on_stdout`](Self::on_stdout)).
    pub const fn retry(mut self, policy: Retry) -> Self {
        self.retry = policy;
        self
    }

    /// Does not show its output lines while it runs.
    pub const fn quiet(mut self) -> Self {
        self.echo = Echo::Quiet;
        self
    }

    /// Says that it changes nothing, so that a dry run really runs it.
    pub const fn read_only(mut self) -> Self {
        self.effect = Effect::ReadsOnly;
        self
    }

    /// Hands standard output to this function as it comes, in pieces that may break anywhere. It is then neither shown nor kept, so
    /// it may be of any length.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// static COUNT: AtomicUsize = AtomicUsize::new(0);
    /// let counted = cmd!("head -c 20000000 /dev/zero").on_stdout(|bytes| {
    ///     COUNT.fetch_add(bytes.len(), Ordering::Relaxed);
    /// });
    /// Host::local().run(counted).await?;
    /// assert_eq!(COUNT.load(Ordering::Relaxed), 20_000_000);
    /// # Ok::<_, Error>(()) }).unwrap();
    /// ```
    pub fn on_stdout(mut self, take: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.on_stdout = Some(Arc::new(take));
        self
    }

    /// Gives the command a terminal, and types `answer` when it shows `prompt` there, as often as the prompt says; once unless told
    /// otherwise. May be said again for another prompt. Nobody else answers, on as many hosts at once as the command runs on.
    ///
    /// For what insists on a terminal, such as `passwd` or `ssh-keygen`. A command with a terminal has one stream: standard error is in
    /// standard output, and lines may end in `\r\n`. What is typed is not echoed, and a [`Secret`] is shown nowhere.
    ///
    /// The command is ended with an error when it shows a prompt more often than that, or something that it is to
    /// [`fail_on`](Self::fail_on). One that asks what nobody answers waits for ever: give it a [`timeout`](Self::timeout).
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// let pin = Secret::new("1234".to_owned());
    /// let ask = "printf 'PIN: ' >/dev/tty; read pin </dev/tty; test \"$pin\" = 1234 && echo right";
    /// let ask = Cmd::raw(ask).respond("PIN: ", &pin).timeout(std::time::Duration::from_secs(60));
    /// let output = Host::local().run(ask).await?;
    /// assert!(output.stdout_str()?.contains("right"));
    /// # Ok::<_, Error>(()) }).unwrap();
    /// ```
    pub fn respond(self, prompt: impl Into<Prompt>, answer: impl Into<Answer>) -> Self {
        self.responder(prompt.into(), Some(answer.into()))
    }

    /// Gives the command a terminal, and ends it with an error when it shows this there.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// let cmd = cmd!("echo 'Sorry, try again.'; sleep 1000").fail_on("try again");
    /// let error = Host::local().run(cmd).await.unwrap_err();
    /// assert!(error.to_string().contains("it showed `try again`"), "{error}");
    /// # });
    /// ```
    pub fn fail_on(self, prompt: impl Into<Prompt>) -> Self {
        self.responder(prompt.into(), None)
    }

    fn responder(mut self, prompt: Prompt, answer: Option<Answer>) -> Self {
        let responder = Responder { prompt, answer };
        match &mut self.terminal {
            OnTerminal::Responders(known) => known.push(responder),
            terminal => *terminal = OnTerminal::Responders(vec![responder]),
        }
        self
    }

    /// Is echoed, logged and named in errors by these words instead of its source.
    pub fn described_as(mut self, words: impl Into<Arc<str>>) -> Self {
        self.description = Some(words.into());
        self
    }

    /// What becomes of it when the connection is lost.
    pub const fn on_disconnect(mut self, policy: OnDisconnect) -> Self {
        self.on_disconnect = policy;
        self
    }

    /// The shell source as a host's shell gets it, secrets included. For showing a command use `Display`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.source()
    }

    /// The same options and input for another source.
    pub(crate) fn with_source(self, source: Self) -> Self {
        Self { source: source.source, ..self }
    }

    /// Whether it succeeds with 0 alone, is never tried again and needs no terminal.
    pub(crate) fn is_plain(&self) -> bool {
        self.ok_codes == [0]
            && self.retry.attempts() == 1
            && matches!(self.terminal, OnTerminal::No)
    }

    /// The shell source, secrets included.
    pub(crate) fn source(&self) -> Vec<u8> {
        self.source.bytes()
    }

    pub(crate) fn has_secret(&self) -> bool {
        self.source.secrets().next().is_some()
    }

    /// The values in its source that are never shown.
    pub(super) fn secrets_of_source(&self) -> Vec<Arc<[u8]>> {
        self.source.secrets().cloned().collect()
    }

    /// The values that it is given and that are never shown.
    pub(crate) fn secrets(&self) -> Vec<Arc<[u8]>> {
        let mut secrets = self.secrets_of_source();
        if let Stdin::Secret(secret) = &self.stdin {
            secrets.push(secret.expose().clone());
        }
        if let OnTerminal::Responders(responders) = &self.terminal {
            let answers = responders.iter().filter_map(|responder| responder.answer.as_ref());
            secrets.extend(answers.filter_map(Answer::secret).map(Arc::from));
        }
        secrets
    }

    /// The same with a person's terminal.
    pub(crate) fn of_person(self) -> Self {
        Self { terminal: OnTerminal::Person, ..self }
    }

    /// Why it cannot be run on a terminal as it is.
    pub(crate) fn mistake_about_terminal(&self) -> Option<&'static str> {
        let responders = match &self.terminal {
            OnTerminal::No => return None,
            OnTerminal::Person => &[][..],
            OnTerminal::Responders(responders) => responders,
        };
        match () {
            () if !matches!(self.stdin, Stdin::Null) => {
                Some("what has a terminal reads from it: standard input cannot be given as well")
            }
            () if self.on_disconnect != OnDisconnect::End => {
                Some("what has a terminal ends with its connection: it cannot be kept running")
            }
            () => responders.iter().find_map(Responder::mistake),
        }
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(words) = &self.description {
            return f.write_str(words);
        }
        self.source.fmt(f)
    }
}

impl fmt::Debug for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cmd({self})")
    }
}

/// What `run` takes: a [`Cmd`], or a string *literal*. A `String` is refused, so that `format!`
/// cannot reach a shell by accident.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "a command is `cmd!(\"…\")` or a string literal",
    note = "write values into the command with `cmd!(\"git clone {{url}}\")`, which quotes them; `Cmd::raw(string)` runs a string as shell source"
)]
pub trait IntoCmd {
    /// The command.
    fn into_cmd(self) -> Cmd;
}

#[diagnostic::do_not_recommend]
impl IntoCmd for Cmd {
    fn into_cmd(self) -> Cmd {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoCmd for &Cmd {
    fn into_cmd(self) -> Cmd {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoCmd for &'static str {
    fn into_cmd(self) -> Cmd {
        Cmd::empty().lit(self)
    }
}
