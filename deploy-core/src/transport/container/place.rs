//! Where an engine's program runs: asking it something, and understanding why it refuses.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::command::{OnDisconnect, Status, Stdin};
use crate::error::Unreachable;
use crate::host::{AsUser, Elevation};
use crate::transport::{Connection, Request, Sink, TransportError};

/// The machine where the engine is.
pub(super) struct Place {
    outer: Arc<dyn Connection>,
    limit: Duration,
}

/// What a script said, as far as anybody will read it.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) code: Option<u8>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// How an engine speaks, and what to tell the user about it.
#[derive(Clone, Debug)]
pub(super) struct Manual {
    /// Its program.
    pub(super) program: &'static str,
    /// The command that lists what there is.
    pub(super) list: String,
    /// The command that starts this one.
    pub(super) start: String,
    /// Phrases, in lower case, and what they mean; the first that occurs decides.
    pub(super) phrases: &'static [(&'static str, Unreachable)],
}

impl Place {
    pub(super) fn new(outer: Arc<dyn Connection>, limit: Duration) -> Self {
        Self { outer, limit }
    }

    pub(super) fn outer(&self) -> &Arc<dyn Connection> {
        &self.outer
    }

    /// How long the engine may take for anything that is asked of it.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Runs a script there and returns what it said, whatever its status.
    ///
    /// # Errors
    /// When the machine was lost, or the script did not end in time.
    pub(super) async fn ask(&self, user: AsUser, script: String) -> Result<Said, TransportError> {
        let request = request(user, script);
        let mut said = Said::default();
        let result = {
            let mut running = self.outer.exec(&request, &mut said);
            tokio::select! {
                biased;
                result = &mut running => Ok(result),
                () = tokio::time::sleep(self.limit) => {
                    request.cancel.cancel();
                    let _ = running.await;
                    Err(self.timed_out())
                }
            }
        }?;
        // It is one step of connecting to what is in there.
        if let Status::Code(code) = result.map_err(TransportError::whenever)? {
            said.code = Some(code);
        }
        Ok(said)
    }

    pub(super) fn timed_out(&self) -> TransportError {
        let detail = format!("the engine did not answer within {:?}", self.limit);
        TransportError::unreachable(Unreachable::TimedOut, detail)
    }

    /// As [`ask`](Self::ask), for a script that must be root's.
    pub(super) async fn ask_as_root(&self, script: String) -> Result<Said, TransportError> {
        self.ask(AsUser::Other("root".to_owned()), script).await.map_err(denied)
    }

    /// The words that make a program root's, none where we are root.
    pub(super) async fn root(&self) -> Result<Vec<String>, TransportError> {
        let said = self.ask(AsUser::Login, "id -u".to_owned()).await?;
        Ok(if said.stdout.trim() == "0" { Vec::new() } else { super::words(["sudo", "-n"]) })
    }
}

/// Who may not become root may not enter either.
pub(super) fn denied(error: TransportError) -> TransportError {
    match error {
        TransportError::Failed { message } => {
            TransportError::unreachable(Unreachable::EngineDenied, message)
        }
        // What surrounds a container is asked before anybody can be asked for a password.
        TransportError::PasswordNeeded { by, user } => TransportError::unreachable(
            Unreachable::EngineDenied,
            format!("{by} asks for a password to become `{user}`"),
        ),
        error => error,
    }
}

/// The request for a script of ours.
pub(super) fn request(user: AsUser, script: String) -> Request {
    Request {
        script: script.into_bytes(),
        user,
        elevation: Elevation::Sudo,
        password: None,
        login_shell: false,
        within: Vec::new(),
        stdin: Stdin::Null,
        sent: None,
        on_disconnect: OnDisconnect::End,
        echo: String::new(),
        cancel: CancellationToken::new(),
    }
}

impl Sink for Said {
    fn stdout(&mut self, bytes: &[u8]) {
        keep(&mut self.stdout, bytes);
    }

    fn stderr(&mut self, bytes: &[u8]) {
        keep(&mut self.stderr, bytes);
    }
}

/// Keeps the beginning; no engine says more about one container.
fn keep(text: &mut String, bytes: &[u8]) {
    let room = (64_usize << 10).saturating_sub(text.len()).min(bytes.len());
    text.push_str(&String::from_utf8_lossy(&bytes[..room]));
}

impl Said {
    pub(super) fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl Manual {
    /// Why the engine refused.
    pub(super) fn refused(&self, said: &Said) -> TransportError {
        let lines = || said.stderr.lines().map(str::trim).filter(|line| !line.is_empty());
        for (phrase, reason) in self.phrases {
            if let Some(line) = lines().find(|line| line.to_lowercase().contains(phrase)) {
                return self.unreachable(*reason, tidy(line));
            }
        }
        if said.code == Some(127) {
            return self
                .unreachable(Unreachable::NoEngine, &format!("there is no `{}`", self.program));
        }
        let last = lines().next_back().map_or("", tidy);
        self.unreachable(Unreachable::Other, &format!("{} said: {last}", self.program))
    }

    /// With the command that helps.
    pub(super) fn unreachable(&self, reason: Unreachable, detail: &str) -> TransportError {
        let detail = match reason {
            Unreachable::NoContainer => format!("{detail}; `{}` shows what there is", self.list),
            Unreachable::NotRunning => format!("{detail}; `{}` starts it", self.start),
            _ => detail.to_owned(),
        };
        TransportError::unreachable(reason, detail)
    }
}

fn tidy(line: &str) -> &str {
    let line = line.strip_prefix("Error: ").unwrap_or(line);
    line.strip_prefix("error: ").unwrap_or(line)
}
