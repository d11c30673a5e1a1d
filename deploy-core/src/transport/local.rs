//! `local`: this machine, by `sh` in a session of its own.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::drive::{Discard, End, Past, died, drive, end_group, not_started};
use super::resident::{self, Residents, is_closed};
use super::{
    ConnectSettings, Connection, Connector, Lead, Request, Sink, TransportError, bootstrap,
};
use crate::command::Status;
use crate::host::HostSpec;

struct Local;

crate::register_connector!("local", || Arc::new(Local));

#[async_trait]
impl Connector for Local {
    async fn connect(
        &self,
        _: &HostSpec,
        _: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        Ok(Arc::new(LocalConnection { residents: Residents::new() }))
    }
}

/// This machine, with its shells that wait.
struct LocalConnection {
    residents: Residents<Shell>,
}

/// A running `sh`.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    past: Past,
}

impl resident::Shell for Shell {
    fn stdin(&mut self) -> &mut (impl tokio::io::AsyncWrite + Unpin) {
        &mut self.stdin
    }
}

#[async_trait]
impl Connection for LocalConnection {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        match self.run(request, sink).await? {
            (End::Status { status, .. }, _) => Ok(status),
            (End::NotStarted(said), _) => Err(not_started(request, &said)),
            (End::Broken, Some(child)) => Ok(how_it_died(request, child).await),
            (End::Broken, None) => Ok(Status::Signal(9)),
            (End::Cancelled, _) => Err(TransportError::Cancelled { detail: String::new() }),
            (End::Deaf(group), _) => {
                let detail = match group {
                    Some(group) => match self.run(&end_group(request, group), &mut Discard).await {
                        Ok((End::Status { status, .. }, _)) if status.success() => String::new(),
                        _ => format!("its process group {group} may still run"),
                    },
                    None => String::new(),
                };
                Err(TransportError::Cancelled { detail })
            }
            (End::Input(message), _) => Err(TransportError::Failed { message }),
        }
    }

    async fn terminal(&self, words: Vec<String>) -> Result<Lead, TransportError> {
        Ok(Lead::here(words))
    }

    async fn close(&self) {
        self.residents.end();
    }
}

impl LocalConnection {
    /// Runs one request, in a shell that waits or a new one. Returns the shell unless it waits again.
    async fn run(
        &self,
        request: &Request,
        sink: &mut dyn Sink,
    ) -> Result<(End, Option<Child>), TransportError> {
        let words = bootstrap::argv(request)?;
        let stays = bootstrap::stays(request);
        let open =
            |shell: &mut Shell| !is_closed(&mut shell.stdout) && !is_closed(&mut shell.stderr);
        let mut waiting = self.residents.take(&words).filter(|_| stays);
        let mut shell = match waiting.take_if(open) {
            Some(shell) => shell,
            None => start(&words)?,
        };
        let Shell { stdin, stdout, stderr, past, .. } = &mut shell;
        let end = drive(request, past, stdin, stdout, stderr, sink).await;
        if matches!(end, End::Status { ready: true, .. }) && stays {
            self.residents.keep(words, shell);
            return Ok((end, None));
        }
        Ok((end, Some(shell.child)))
    }
}

fn start(words: &[String]) -> Result<Shell, TransportError> {
    let program = words.first().map_or("sh", String::as_str);
    let failed =
        |error| TransportError::Failed { message: format!("cannot start {program}: {error}") };
    let mut command = Command::new(program);
    command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    own_session(&mut command);
    let mut child = command.spawn().map_err(failed)?;
    match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        (Some(stdin), Some(stdout), Some(stderr)) => {
            Ok(Shell { child, stdin, stdout, stderr, past: Past::None })
        }
        _ => Err(failed(std::io::ErrorKind::BrokenPipe.into())),
    }
}

/// A session of its own: signals to the group reach exactly the command and its children, a Ctrl-C in our
/// terminal does not, and nothing in it can ask questions on our terminal.
fn own_session(command: &mut Command) {
    // SAFETY: `setsid` is async-signal-safe and allocates nothing; nothing else runs between fork and exec.
    #[expect(unsafe_code, reason = "the standard library has no safe way to start a session")]
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
    }
}

/// How the shell around a command ended that could not report: something killed it.
async fn how_it_died(request: &Request, mut child: Child) -> Status {
    let Ok(Ok(status)) = tokio::time::timeout(Duration::from_secs(1), child.wait()).await else {
        return Status::Signal(9);
    };
    match (status.signal(), status.code()) {
        (Some(signal), _) => Status::Signal(signal),
        (None, code) => {
            died(request, code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
        }
    }
}
