//! A small process manager of POSIX shell, for hosts without one that we may use.
//!
//! A process runs in a session of its own, so it outlives whoever started it. Its directory holds `NAME.pid`, `NAME.run`
//! and `NAME.log`. A pid alone proves nothing, because the system gives it out again: the file also says when the process
//! started and what it was started with, and only the process for which both still hold is ever stopped.

mod script;

use std::time::Duration;

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Host, IntoCmd, Operation, Output, Plan, RemotePath, Result};
use serde::Serialize;

/// A process, as it should be; running unless said otherwise.
#[derive(Clone, Debug)]
pub struct Process {
    name: String,
    directory: RemotePath,
    run: Cmd,
    environment: Option<RemotePath>,
    wanted: Wanted,
    patience: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Running,
    Stopped,
    Restarted,
}

/// What a process is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessState {
    /// It runs.
    Running {
        /// Under this number.
        pid: u32,
        /// Whether it was started as it is described now.
        as_described: bool,
    },
    /// It does not run.
    Stopped,
}

impl std::fmt::Display for ProcessState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Running { pid, .. } => write!(f, "running, pid {pid}"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

/// The process `name`, which the simple command `run` becomes; it starts in `directory`, where its files are.
///
/// ```
/// use deploy_contrib::process;
/// use deploy_core::Cmd;
/// let web = process("web", "~/app", Cmd::argv(["./web-service"])).environment("~/app/web.env");
/// let off = web.clone().stopped();
/// ```
pub fn process(
    name: impl Into<String>,
    directory: impl Into<RemotePath>,
    run: impl IntoCmd,
) -> Process {
    Process {
        name: name.into(),
        directory: directory.into(),
        run: run.into_cmd(),
        environment: None,
        wanted: Wanted::Running,
        patience: Duration::from_secs(10),
    }
}

impl Process {
    /// A file of `NAME=value` lines, in shell syntax, that becomes its environment.
    #[must_use]
    pub fn environment(mut self, path: impl Into<RemotePath>) -> Self {
        self.environment = Some(path.into());
        self
    }

    /// How long it may take to end after it was asked to; then it is killed.
    #[must_use]
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// It runs, as described: one that was started otherwise is started anew.
    #[must_use]
    pub fn running(mut self) -> Self {
        self.wanted = Wanted::Running;
        self
    }

    /// It does not run.
    #[must_use]
    pub fn stopped(mut self) -> Self {
        self.wanted = Wanted::Stopped;
        self
    }

    /// It is started anew, every time.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        self.wanted = Wanted::Restarted;
        self
    }

    /// Starts it anew when `changed`, otherwise lets it run.
    #[must_use]
    pub fn restarted_if(self, changed: bool) -> Self {
        if changed { self.restarted() } else { self.running() }
    }

    /// What it is doing.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn state(&self, host: &Host) -> Result<ProcessState> {
        let inspect = self.inspect().described_as(format!("status of {}", self.name));
        self.parse(&host.probe(inspect).await?)
    }

    /// The last `lines` lines of its log.
    ///
    /// # Errors
    /// When there is no log.
    pub async fn log(&self, host: &Host, lines: u32) -> Result<String> {
        let log = self.directory.join(format!("{}.log", self.name));
        let words: [&dyn ToWords; 5] = [&"tail", &"-n", &lines, &"--", &log];
        Ok(host.probe(Cmd::argv(words)).await?.stdout_str()?.to_owned())
    }

    /// What the shell that becomes the process runs. It is kept beside the process, which shows whether one was started
    /// as it is described now.
    fn launcher(&self) -> Cmd {
        let mut launcher = Cmd::script("cd -- \"$1\" || exit", [&self.directory]);
        if let Some(environment) = &self.environment {
            let source = Cmd::script("set -a; . \"$1\" || exit; set +a", [environment]);
            launcher = script::then(&launcher, &source);
        }
        script::then(&launcher, &script::exec(&self.run))
    }

    fn cmd(&self, source: &'static str) -> Cmd {
        let patience = self.patience.as_secs().max(1);
        let launcher = self.launcher();
        let words: [&dyn ToWords; 4] = [&self.directory, &self.name, &launcher, &patience];
        Cmd::script(source, words)
    }
}

impl Operation for Process {
    type State = ProcessState;

    fn describe(&self) -> String {
        let wanted = match self.wanted {
            Wanted::Running => "running",
            Wanted::Stopped => "stopped",
            Wanted::Restarted => "restarted",
        };
        format!("process {} {wanted}", self.name)
    }

    fn inspect(&self) -> Cmd {
        self.cmd(script::INSPECT)
    }

    fn parse(&self, output: &Output) -> Result<ProcessState> {
        let text = output.stdout_str()?;
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("stopped"), ..) => Ok(ProcessState::Stopped),
            (Some("running"), Some(pid), Some(how)) => {
                Ok(ProcessState::Running { pid: pid.parse()?, as_described: how == "same" })
            }
            _ => Err(Error::msg(format!("cannot look at it: {}", output.stderr_str()?))),
        }
    }

    fn plan(&self, state: &ProcessState) -> Result<Plan> {
        let name = &self.name;
        let start = |plan: Plan| plan.step(format!("start {name}"), self.cmd(script::START));
        let stop = |plan: Plan| plan.step(format!("stop {name}"), self.cmd(script::STOP));
        Ok(match (self.wanted, state) {
            (Wanted::Running, ProcessState::Running { as_described: true, .. })
            | (Wanted::Stopped, ProcessState::Stopped) => Plan::nothing(),
            (Wanted::Running | Wanted::Restarted, ProcessState::Stopped) => start(Plan::nothing()),
            (Wanted::Running | Wanted::Restarted, ProcessState::Running { .. }) => {
                start(stop(Plan::nothing()))
            }
            (Wanted::Stopped, ProcessState::Running { .. }) => stop(Plan::nothing()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let running = |as_described| ProcessState::Running { pid: 7, as_described };
        let web = || process("web", "/srv/web", "./web");
        for (operation, state, expected) in [
            (web(), running(true), ""),
            (web(), running(false), "stop web\nstart web\n"),
            (web(), ProcessState::Stopped, "start web\n"),
            (web().stopped(), ProcessState::Stopped, ""),
            (web().stopped(), running(false), "stop web\n"),
            (web().restarted(), running(true), "stop web\nstart web\n"),
            (web().restarted_if(false), running(true), ""),
        ] {
            assert_eq!(operation.plan(&state).unwrap().diff(), expected, "{state:?}");
        }
    }

    #[test]
    fn answer_is_read() {
        let read = |text: &str| process("web", "/", "x").parse(&Output::from_stdout(text));
        assert_eq!(
            read("running 12 same\n").unwrap(),
            ProcessState::Running { pid: 12, as_described: true }
        );
        assert_eq!(read("stopped\n").unwrap(), ProcessState::Stopped);
        assert!(read("").is_err());
    }
}
