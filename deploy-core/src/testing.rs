//! [`Recorder`]: a connector that runs nothing, for tests of components.
//!
//! Answers commands by scripted rules and remembers what each host was asked. Knows only the transport's traits, so what
//! a component does under it is what it does on hosts.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::FutureExt;

use crate::command::Status;
use crate::env::Env;
use crate::error::Unreachable;
use crate::host::{HostSpec, glob};
use crate::operation::Seen;
use crate::transport::{
    ConnectSettings, Connection, Connector, Happening, Near, Request, Sink, TransportError,
};

/// Answers every host's commands by rules and records them, so that a component can be tested without a host.
///
/// A rule's pattern is compared with the command as it is echoed: as written in `cmd!` after quoting, with its context
/// in front (`sudo: `, `user=app: `, `cd=/srv: `). A pattern that does not name the context is compared with the
/// command alone as well. `*` stands for anything. The first rule that fits answers; a command that none fits succeeds
/// without output, or fails under [`strict`](Self::strict).
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use deploy_core::prelude::*;
/// use deploy_core::testing::{Recorder, Reply};
///
/// let recorder = Recorder::new()
///     .on("uptime", "up 3 days")
///     .on_host("web1", "systemctl *", Reply::status(1).stderr("no such unit"));
/// let hosts = Hosts::parse("web[1-2]")?.in_env(&recorder.env());
///
/// assert_eq!(hosts.run("uptime").await?.get("web2").unwrap().stdout_str()?, "up 3 days");
/// let error = hosts.sudo().run("systemctl start web").await.unwrap_err();
/// assert_eq!(error.host_name(), Some("web1"));
/// assert_eq!(recorder.commands("web1"), ["uptime", "sudo: systemctl start web"]);
/// # Ok::<_, Error>(()) }).unwrap();
/// ```
///
/// An operation first looks at the host. What it sees is given by its description and in the words of its own
/// inspection; one that nothing is said about is an error that names it.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # use deploy_core::prelude::*;
/// # use deploy_core::operation::{Operation, Plan};
/// # use deploy_core::testing::Recorder;
/// # struct Motd(&'static str);
/// # impl Operation for Motd {
/// #     type State = String;
/// #     fn describe(&self) -> String { "message of the day".to_owned() }
/// #     fn inspect(&self) -> Cmd { Cmd::raw("cat /etc/motd") }
/// #     fn parse(&self, output: &Output) -> Result<String> { Ok(output.stdout_str()?.to_owned()) }
/// #     fn plan(&self, state: &String) -> Result<Plan> {
/// #         if state == self.0 { return Ok(Plan::nothing()); }
/// #         Ok(Plan::nothing().step("write it", cmd!("echo {self.0} >/etc/motd")))
/// #     }
/// # }
/// let recorder = Recorder::new().state("message of the day", "hello\n");
/// let host = Host::ssh("web1").in_env(&recorder.env());
/// assert!(!host.ensure(Motd("hello")).await?.changed());
/// assert!(host.sudo().ensure(Motd("welcome")).await?.changed());
/// assert_eq!(
///     recorder.commands("web1"),
///     ["inspect message of the day", "sudo: inspect message of the day", "sudo: write it"]
/// );
/// # Ok::<_, Error>(()) }).unwrap();
/// ```
///
/// A dry run records only what would really run: the commands that read.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # use deploy_core::prelude::*;
/// # use deploy_core::testing::Recorder;
/// let recorder = Recorder::new();
/// let host = Host::local().in_env(&recorder.env().dry_run());
/// host.probe("id -u").await?;
/// host.run("reboot").await?;
/// assert_eq!(recorder.commands("localhost"), ["id -u"]);
/// # Ok::<_, Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Recorder {
    rules: Arc<Vec<Rule>>,
    states: Arc<Vec<Rule>>,
    strict: bool,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone)]
struct Rule {
    host: Option<String>,
    pattern: String,
    reply: Reply,
}

/// One command that a host was asked to run.
struct Asked {
    host: String,
    command: String,
}

/// What a [`Recorder`] answers: a status and both streams.
///
/// A `&str` or `String` is a success with that standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    status: Status,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    unreachable: Option<Unreachable>,
}

impl Reply {
    /// Ends with this exit code and no output.
    #[must_use]
    pub const fn status(code: u8) -> Self {
        Self {
            status: Status::Code(code),
            stdout: Vec::new(),
            stderr: Vec::new(),
            unreachable: None,
        }
    }

    /// The connection turns out to be lost, or never to have been there.
    #[must_use]
    pub fn unreachable(reason: Unreachable) -> Self {
        Self { unreachable: Some(reason), ..Self::status(0) }
    }

    /// Writes this to standard output.
    #[must_use]
    pub fn stdout(mut self, output: impl Into<Vec<u8>>) -> Self {
        self.stdout = output.into();
        self
    }

    /// Writes this to standard error.
    #[must_use]
    pub fn stderr(mut self, output: impl Into<Vec<u8>>) -> Self {
        self.stderr = output.into();
        self
    }
}

impl From<&str> for Reply {
    fn from(stdout: &str) -> Self {
        Self::status(0).stdout(stdout)
    }
}

impl From<String> for Reply {
    fn from(stdout: String) -> Self {
        Self::status(0).stdout(stdout)
    }
}

impl Recorder {
    /// Lets every command succeed without output.
    #[must_use]
    pub fn new() -> Self {
        Self { rules: Arc::default(), states: Arc::default(), strict: false, asked: Arc::default() }
    }

    /// Answers commands that fit `pattern`, on any host. An earlier rule wins.
    #[must_use]
    pub fn on(self, pattern: impl Into<String>, reply: impl Into<Reply>) -> Self {
        self.rule(None, pattern.into(), reply.into())
    }

    /// Answers commands that fit `pattern` on the host of this name. An earlier rule wins.
    #[must_use]
    pub fn on_host(
        self,
        host: impl Into<String>,
        pattern: impl Into<String>,
        reply: impl Into<Reply>,
    ) -> Self {
        self.rule(Some(host.into()), pattern.into(), reply.into())
    }

    /// What an operation of this description sees when it looks at any host: what its inspection would print. The pattern
    /// is exact or a glob; an earlier one wins.
    #[must_use]
    pub fn state(mut self, operation: impl Into<String>, seen: impl Into<Reply>) -> Self {
        let rule = Rule { host: None, pattern: operation.into(), reply: seen.into() };
        Arc::make_mut(&mut self.states).push(rule);
        self
    }

    /// What an operation of this description sees when it looks at the host of this name.
    #[must_use]
    pub fn state_on(
        mut self,
        host: impl Into<String>,
        operation: impl Into<String>,
        seen: impl Into<Reply>,
    ) -> Self {
        let rule = Rule { host: Some(host.into()), pattern: operation.into(), reply: seen.into() };
        Arc::make_mut(&mut self.states).push(rule);
        self
    }

    fn rule(mut self, host: Option<String>, pattern: String, reply: Reply) -> Self {
        Arc::make_mut(&mut self.rules).push(Rule { host, pattern, reply });
        self
    }

    /// Makes a command that no rule fits an error.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// A quiet environment in which this recorder answers for every host.
    #[must_use]
    pub fn env(&self) -> Env {
        Env::quiet().connector(Arc::new(self.clone()))
    }

    /// What the host of this name was asked so far, in order.
    #[must_use]
    pub fn commands(&self, host: &str) -> Vec<String> {
        let asked = self.asked();
        asked.iter().filter(|asked| asked.host == host).map(|asked| asked.command.clone()).collect()
    }

    /// Everything that was asked so far, as `host: command`, in the order in which it arrived.
    #[must_use]
    pub fn all_commands(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{}: {}", asked.host, asked.command)).collect()
    }

    /// Forgets what was asked.
    pub fn clear(&self) {
        self.asked().clear();
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, host: &str, command: &str) -> Option<Reply> {
        match self.rules.iter().find(|rule| rule.is_about(host) && rule.fits(command)) {
            Some(rule) => Some(rule.reply.clone()),
            None if self.strict => None,
            None => Some(Reply::status(0)),
        }
    }
}

impl Rule {
    fn is_about(&self, host: &str) -> bool {
        self.host.as_deref().is_none_or(|name| name == host)
    }

    fn fits(&self, command: &str) -> bool {
        glob(self.pattern.as_bytes(), command.as_bytes())
            || glob(self.pattern.as_bytes(), without_context(command).as_bytes())
    }
}

/// The command without the `sudo: cd=/srv: ` in front of it.
fn without_context(command: &str) -> &str {
    let mut rest = command;
    while let Some((part, after)) = rest.split_once(": ") {
        let name = part.split_once('=').map_or(part, |(name, _)| name);
        let is_context = part == "sudo"
            || (part.contains('=')
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        if !is_context {
            break;
        }
        rest = after;
    }
    rest
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("rules", &self.rules.len())
            .field("strict", &self.strict)
            .field("commands", &self.all_commands())
            .finish()
    }
}

#[async_trait]
impl Connector for Recorder {
    async fn connect(
        &self,
        host: &HostSpec,
        _: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        Ok(Arc::new(Recorded { recorder: self.clone(), host: host.name.clone() }))
    }
}

/// A recorder as the connection to one host.
struct Recorded {
    recorder: Recorder,
    host: String,
}

#[async_trait]
impl Connection for Recorded {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        self.recorder
            .asked()
            .push(Asked { host: self.host.clone(), command: request.echo.clone() });
        let Some(reply) = self.recorder.answer(&self.host, &request.echo) else {
            return Err(TransportError::Failed {
                message: format!("no rule of the strict recorder fits `{}`", request.echo),
            });
        };
        if let Some(reason) = reply.unreachable {
            return Err(TransportError::unreachable(reason, String::new()));
        }
        let seen = Seen::of(&request.script);
        if seen.as_ref().is_none_or(|seen| seen.step && !reply.status.success()) {
            sink.stdout(&reply.stdout);
            sink.stderr(&reply.stderr);
            return Ok(reply.status);
        }
        if let Some(seen) = seen {
            self.look(&seen, reply, sink)?;
        }
        Ok(Status::Code(0))
    }

    /// Shows the reply's standard output at once. Nothing is typed, and no terminal is needed.
    async fn interact(
        &self,
        request: &Request,
        near: &mut dyn Near,
    ) -> Result<Status, TransportError> {
        let mut shown = Shown::default();
        let status = self.exec(request, &mut shown).await?;
        near.shows(&shown.0).await;
        match near.next().now_or_never() {
            Some(Happening::GivesUp(message)) => Err(TransportError::Ended { message }),
            _ => Ok(status),
        }
    }
}

/// What a terminal would show.
#[derive(Default)]
struct Shown(Vec<u8>);

impl Sink for Shown {
    fn stdout(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn stderr(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

impl Recorded {
    /// Answers a script that inspects operations, maybe after a step of one.
    fn look(&self, seen: &Seen, step: Reply, sink: &mut dyn Sink) -> Result<(), TransportError> {
        let mut replies = Vec::new();
        replies.extend(seen.step.then_some(step));
        for operation in &seen.operations {
            let states = &self.recorder.states;
            let fits = |rule: &&Rule| {
                rule.is_about(&self.host) && glob(rule.pattern.as_bytes(), operation.as_bytes())
            };
            let rule = states.iter().find(fits).ok_or_else(|| TransportError::Failed {
                message: format!(
                    "the recorder does not know what `{operation}` sees: say so with `.state({operation:?}, ..)`"
                ),
            })?;
            replies.push(rule.reply.clone());
        }
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for reply in replies {
            stdout.extend_from_slice(&reply.stdout);
            stderr.extend_from_slice(&reply.stderr);
            seen.end(reply.status, &mut stdout, &mut stderr);
        }
        sink.stdout(&stdout);
        sink.stderr(&stderr);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
