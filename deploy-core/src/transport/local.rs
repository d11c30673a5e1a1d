//! `local`: this machine, by `sh` in a session of its own.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::{Child, Command};

use super::drive::{Discard, End, died, drive, end_group, not_started};
use super::{ConnectSettings, Connection, Connector, Request, Sink, TransportError, bootstrap};
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
        Ok(Arc::new(Local))
    }
}

#[async_trait]
impl Connection for Local {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        let (end, child) = run(request, sink).await?;
        match end {
            End::Status(status) => Ok(status),
            End::NotStarted(said) => Err(not_started(request, &said)),
            End::Broken => Ok(how_it_died(request, child).await),
            End::Cancelled => Err(TransportError::Cancelled { detail: String::new() }),
            End::Deaf(group) => {
                let detail = match group {
                    Some(group) => match run(&end_group(request, group), &mut Discard).await {
                        Ok((End::Status(status), _)) if status.success() => String::new(),
                        _ => format!("its process group {group} may still run"),
                    },
                    None => String::new(),
                };
                Err(TransportError::Cancelled { detail })
            }
            End::Input(message) => Err(TransportError::Failed { message }),
        }
    }
}

/// Runs one request in a shell of its own.
async fn run(request: &Request, sink: &mut dyn Sink) -> Result<(End, Child), TransportError> {
    let failed = |error| TransportError::Failed { message: format!("cannot start sh: {error}") };
    let argv = bootstrap::argv(request)?;
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    own_session(&mut command);
    let mut child = command.spawn().map_err(failed)?;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(failed(std::io::ErrorKind::BrokenPipe.into()));
    };
    Ok((drive(request, stdin, stdout, stderr, sink).await, child))
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
