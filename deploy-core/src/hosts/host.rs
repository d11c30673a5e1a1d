//! [`Host`]: one machine, with the context of the commands that it is given.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::run;
use crate::command::{Cmd, IntoCmd, OnTerminal, Output, RemotePath, ToWords};
use crate::env::Env;
use crate::host::{AsUser, Context, Elevation, HostSpec, Pattern};
use crate::opaque::Opaque;
use crate::{Error, Result};

/// Starts the shell that the user has. Where nobody says which, as in containers, the account does, and else it is `sh`.
const SHELL: &str = r#"
if [ ! -x "${SHELL-}" ]; then
    _id=$(id -u) SHELL=sh
    while IFS=: read -r _name _x _user _rest; do
        [ "$_user" != "$_id" ] || SHELL=${_rest##*:}
    done </etc/passwd 2>/dev/null
    command -v "$SHELL" >/dev/null || SHELL=sh
    export SHELL
    unset _id _name _x _user _rest
fi
exec "$SHELL" $1"#;

/// A machine and the context in which it runs commands. A value: every method that changes something
/// returns a new one.
///
/// Two hosts of the same name are the same host.
///
/// ```
/// use deploy_core::prelude::*;
/// let web = Host::ssh("deploy@web1.example.com:2222").connect_timeout(std::time::Duration::from_secs(5));
/// assert_eq!(web.name(), "web1.example.com");
/// ```
#[derive(Clone)]
pub struct Host {
    spec: Arc<HostSpec>,
    context: Opaque<Context>,
    env: Option<Env>,
}

impl Host {
    pub(crate) fn from_spec(spec: HostSpec) -> Self {
        Self { spec: Arc::new(spec), context: Opaque::default(), env: None }
    }

    /// This machine.
    #[must_use]
    pub fn local() -> Self {
        Self::from_spec(HostSpec::local())
    }

    /// Anything that the user's `ssh` understands: an alias of the ssh_config, `user@host:port`.
    ///
    /// What is no destination at all, such as an empty name, is reported when the host is used.
    pub fn ssh(destination: impl AsRef<str>) -> Self {
        let destination = destination.as_ref();
        let spec = Pattern::parse(destination).and_then(|pattern| pattern.specs()).ok().and_then(
            |mut specs| {
                (specs.len() == 1 && specs[0].connector != "docker").then(|| specs.remove(0))
            },
        );
        Self::from_spec(
            spec.filter(|spec| spec.connector == "ssh")
                .unwrap_or_else(|| HostSpec::new("ssh", destination)),
        )
    }

    fn with_spec(mut self, change: impl FnOnce(&mut HostSpec)) -> Self {
        change(Arc::make_mut(&mut self.spec));
        self
    }

    fn with_context(&self, change: impl FnOnce(&mut Context)) -> Self {
        let mut host = self.clone();
        change(host.context.make_mut());
        host
    }

    /// Logs in as this user.
    #[must_use]
    pub fn user(self, user: impl Into<String>) -> Self {
        self.with_spec(|spec| spec.user = Some(user.into()))
    }

    /// Connects to this port.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.with_spec(|spec| spec.port = Some(port))
    }

    /// Offers this identity file alone.
    #[must_use]
    pub fn key(self, path: impl Into<PathBuf>) -> Self {
        self.with_spec(|spec| spec.key = Some(path.into()))
    }

    /// Connects through these jump hosts, as `ssh -J`.
    #[must_use]
    pub fn jump(self, hosts: impl Into<String>) -> Self {
        self.with_spec(|spec| spec.jump = Some(hosts.into()))
    }

    /// How long connecting may take.
    #[must_use]
    pub fn connect_timeout(self, limit: Duration) -> Self {
        self.with_spec(|spec| spec.connect_timeout = Some(limit))
    }

    /// By what commands become another user's there, whatever the environment says.
    ///
    /// ```
    /// # use deploy_core::{prelude::*, Elevation};
    /// let router = Host::ssh("router").elevation(Elevation::Doas);
    /// ```
    #[must_use]
    pub fn elevation(self, by: Elevation) -> Self {
        self.with_spec(|spec| spec.elevation = Some(by))
    }

    /// Calls the host something else.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        self.with_spec(|spec| spec.name = name.into())
    }

    /// Adds a label.
    #[must_use]
    pub fn tag(self, tag: impl Into<String>) -> Self {
        self.with_spec(|spec| spec.tags.push(tag.into()))
    }

    /// Notes something about the host, for [`data`](Self::data).
    ///
    /// ```
    /// # use deploy_core::prelude::*;
    /// let web = Host::ssh("web1").with_data("workers", 4);
    /// assert_eq!(web.data::<u32>("workers").unwrap(), Some(4));
    /// ```
    #[must_use]
    pub fn with_data(self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        let text = value.into().to_string();
        self.with_spec(|spec| drop(spec.data.insert(key.to_owned(), text)))
    }

    /// What is noted about the host under this name, by the program or by where the host comes from; `None` if nothing is.
    ///
    /// # Errors
    /// A usage error when it is something else than a `T`.
    pub fn data<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let Some(text) = self.spec.data.get(key) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            Error::usage(format!("data `{key}` of host {}: {reason}", self.name()))
        })
    }

    /// What the host is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Its labels.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.spec.tags
    }

    /// How it is reached.
    #[must_use]
    pub fn spec(&self) -> &HostSpec {
        &self.spec
    }

    /// Runs commands in this directory; relative ones are below the directory so far.
    #[must_use]
    pub fn cd(&self, path: impl Into<RemotePath>) -> Self {
        let path = path.into();
        self.with_context(|context| {
            context.cwd = Some(match &context.cwd {
                Some(cwd) if !path.as_str().starts_with('~') => cwd.join(path.as_str()),
                _ => path,
            });
        })
    }

    /// Sets an environment variable, also under sudo. A [`Secret`](crate::Secret) stays hidden.
    #[must_use]
    pub fn env(&self, name: &str, value: impl ToWords) -> Self {
        self.with_context(|context| context.set_env(name, &value))
    }

    /// Runs this before each command, in the same shell.
    #[must_use]
    pub fn prefix(&self, cmd: impl IntoCmd) -> Self {
        self.with_context(|context| context.prefixes.push(cmd.into_cmd()))
    }

    /// Runs commands as root, through sudo unless an [`Elevation`] says otherwise, in the directory so far.
    #[must_use]
    pub fn sudo(&self) -> Self {
        self.as_user("root")
    }

    /// Runs commands as this user, through sudo unless an [`Elevation`] says otherwise, in that user's home unless there is a `cd`.
    #[must_use]
    pub fn as_user(&self, user: impl Into<String>) -> Self {
        self.with_context(|context| context.user = AsUser::Other(user.into()))
    }

    /// Ends each command after this long.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        self.with_context(|context| context.timeout = Some(limit))
    }

    /// Creates files with this mask.
    #[must_use]
    pub fn umask(&self, mask: u32) -> Self {
        self.with_context(|context| context.umask = Some(mask))
    }

    /// Lets the shell read the user's login profile first.
    #[must_use]
    pub fn login_shell(&self) -> Self {
        self.with_context(|context| context.login_shell = true)
    }

    /// The same host and context in an environment.
    #[must_use]
    pub fn in_env(&self, env: &Env) -> Self {
        Self { env: Some(env.clone()), ..self.clone() }
    }

    /// The same host as the user who logs in, in that user's home.
    pub(crate) fn without_context(&self) -> Self {
        Self { context: Opaque::default(), ..self.clone() }
    }

    /// The context of its commands.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Its environment, or a quiet one of its own if it has none.
    pub(crate) fn environment(&self) -> Env {
        self.env.clone().unwrap_or_else(Env::quiet)
    }

    /// Whether this error is of hosts that are left out of the rest of the run.
    pub(super) fn leaves_out(&self, error: &Error) -> bool {
        self.env.as_ref().is_some_and(|env| env.failures().cover(error))
    }

    /// Runs a command that may change something; in a dry run it is shown instead, and the result is an empty
    /// success.
    ///
    /// # Errors
    /// When it cannot be run, ends with a status that is not accepted, or runs out of time.
    ///
    /// Dropping the future gives the command up without ending it on the host; cancel through
    /// [`Env::cancellation`] to end it there too.
    pub fn run(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<Output>> {
        self.run_boxed(cmd.into_cmd())
    }

    /// Runs a command that only reads; it really runs in a dry run.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn probe(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<Output>> {
        self.run_boxed(cmd.into_cmd().read_only().quiet())
    }

    /// Runs a command with our own terminal, so that vim, psql and htop work: every key goes to it, Ctrl-C included, and the size of
    /// the window follows. In a dry run it is shown instead. The output is what the terminal showed, the end of it when it was long;
    /// lines end in `\r\n`, and standard error is in it. It is in no log and no report, since it was seen already.
    ///
    /// Meanwhile nothing else is shown, and interactive commands of other hosts wait for their turn. Enter, `~` and `.` give up
    /// a terminal that does not answer any more. A password that sudo wants is as ever asked for once in a run. Limits for every command
    /// (`--timeout`) do not count; those of this one or of the host's context do.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # async fn f(host: Host) -> Result {
    /// host.as_user("postgres").interactive("psql").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run). A usage error when there is no terminal, or nobody is to be asked; nothing was run then. The terminal is as it
    /// was before in any case, also when the future is dropped.
    pub fn interactive(&self, cmd: impl IntoCmd) -> BoxFuture<'static, Result<Output>> {
        let cmd = cmd.into_cmd();
        match cmd.terminal {
            OnTerminal::Responders(_) => {
                let error = self.error(format!(
                    "`{cmd}`: a person answers an interactive command; one with `respond` is for `run`"
                ));
                Box::pin(async move { Err(error) })
            }
            _ => self.run_boxed(cmd.of_person()),
        }
    }

    /// Opens the user's own shell in our terminal, in the host's context: its directory, environment, user. With
    /// [`login_shell`](Self::login_shell) it is a login shell, as `ssh` gives it. What its last command came to is no error.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # async fn f(host: Host) -> Result {
    /// host.sudo().cd("/etc/nginx").shell().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`interactive`](Self::interactive).
    pub fn shell(&self) -> BoxFuture<'static, Result<Output>> {
        let login = if self.context.login_shell { "-l" } else { "" };
        let shell = Cmd::script(SHELL, [login]).described_as("shell").ok_codes(0..=u8::MAX);
        self.interactive(shell)
    }

    fn run_boxed(&self, cmd: Cmd) -> BoxFuture<'static, Result<Output>> {
        let host = self.clone();
        Box::pin(async move { run::command(&host, cmd).await })
    }

    /// An error about this host.
    pub fn error(&self, message: impl fmt::Display) -> Error {
        Error::host(self.name(), message)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", self.name())
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Host {}

impl std::hash::Hash for Host {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}
