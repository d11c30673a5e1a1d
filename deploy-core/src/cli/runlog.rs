//! The run log: what was run from here, by whom, and what it came to on each host; and who is still to be done.
//!
//! One small file for each run that began, for the user alone, under `$XDG_STATE_HOME/deploy/PROGRAM/runs`; the oldest go. No secret is in
//! one: arguments that are secrets are left out, as are the messages of failures.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::command::Command;
use crate::env::{Env, Mode};
use crate::event::{Failure, failure_on};
use crate::{Error, ExitCode, Host, Result};

/// So many runs are kept.
const KEPT: usize = 100;

/// The runs of one program.
#[derive(Debug)]
pub(super) struct RunLog {
    dir: PathBuf,
    /// When this one began.
    began: SystemTime,
}

/// One run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// What tells it from all others.
    pub(super) run: String,
    pub(super) who: String,
    /// When it began, in seconds since 1970.
    pub(super) at: f64,
    /// How long it took, in seconds.
    pub(super) elapsed: f64,
    /// The path of the node.
    pub(super) node: String,
    /// The action, or `--run`.
    pub(super) action: String,
    /// Its arguments as words, secrets hidden.
    pub(super) arguments: Vec<String>,
    pub(super) exit_code: u8,
    /// In their order.
    pub(super) hosts: Vec<Outcome>,
}

/// What a run came to on a host.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) host: String,
    /// `ok`, or what kind of failure, as in the event `finished`.
    pub(super) outcome: String,
}

const OK: &str = "ok";

impl RunLog {
    /// Where the runs of `program` are kept: in `$XDG_STATE_HOME`, or `.local/state` in `$HOME`. Nowhere if neither is said,
    /// or there is no such home, as for users of services.
    pub(super) fn of(program: &str) -> Option<Self> {
        let absolute = |name: &str| {
            std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
        };
        let state = absolute("XDG_STATE_HOME").or_else(|| {
            absolute("HOME").filter(|home| home.is_dir()).map(|home| home.join(".local/state"))
        })?;
        let dir = state.join("deploy").join(program).join("runs");
        Some(Self { dir, began: SystemTime::now() })
    }

    /// Keeps this run, if it is one that is kept and has begun.
    pub(super) fn keep_run(
        &self,
        env: &Env,
        command: &Command,
        code: ExitCode,
        failures: &[Failure],
    ) -> Result {
        let Some((node, action)) = command.subject() else { return Ok(()) };
        if env.current_mode() != Mode::Apply || !env.has_begun() {
            return Ok(());
        }
        let hosts = node.hosts();
        let hosts: Vec<&str> =
            hosts.iter().map(Host::name).filter(|host| env.selects(host)).collect();
        let arguments = match command {
            Command::Call(call) => call.shown_words(),
            // What it may hold is not known.
            _ => Vec::new(),
        };
        self.keep(&Run {
            run: env.locks().run().to_owned(),
            who: crate::operator::name(),
            at: self.began.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
            elapsed: self.began.elapsed().unwrap_or_default().as_secs_f64(),
            node: node.path(),
            action: action.to_owned(),
            arguments,
            exit_code: code as u8,
            hosts: outcomes(&hosts, failures),
        })
    }

    /// Keeps a run, and drops the oldest ones.
    fn keep(&self, run: &Run) -> Result {
        let wrong = |error: std::io::Error| {
            Error::msg(format!("the run was not logged in `{}`: {error}", self.dir.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(wrong)?;
        // By time, so that names sort as the runs did.
        let name = format!("{:017.3}-{}.json", run.at, run.run);
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.dir.join(name))
            .map_err(wrong)?;
        let text = serde_json::to_string(run)? + "\n";
        file.write_all(text.as_bytes()).map_err(wrong)?;
        let names = self.names();
        for old in &names[..names.len().saturating_sub(KEPT)] {
            // Another run may have dropped it already.
            let _ = fs::remove_file(old);
        }
        Ok(())
    }

    /// The last run of an action on a node.
    pub(super) fn last(&self, node: &str, action: &str) -> Option<Run> {
        let runs = self.names().into_iter().rev().filter_map(|path| read(&path));
        runs.into_iter().find(|run| run.node == node && run.action == action)
    }

    /// The files, the oldest first.
    fn names(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.dir) else { return Vec::new() };
        let json = |path: &PathBuf| path.extension().is_some_and(|it| it == "json");
        let mut names: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(json).collect();
        names.sort();
        names
    }
}

/// A file that cannot be read is of a program that was killed while it wrote it.
fn read(path: &Path) -> Option<Run> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

impl Run {
    /// The hosts on which it did not succeed.
    pub(super) fn failed(&self) -> Vec<&str> {
        let failed = self.hosts.iter().filter(|it| it.outcome != OK);
        failed.map(|it| it.host.as_str()).collect()
    }

    /// When it began, for people.
    pub(super) fn when(&self) -> String {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(self.at.clamp(0.0, 1e11));
        humantime::format_rfc3339_seconds(at).to_string()
    }
}

/// What a run came to on each host: of those that it was about, and of others that failed. A failure that is of no host is of every
/// one of them.
fn outcomes(hosts: &[&str], failures: &[Failure]) -> Vec<Outcome> {
    let others = failures.iter().filter_map(|failure| failure.host.as_deref());
    let mut all: Vec<&str> = hosts.to_vec();
    for host in others {
        if !all.contains(&host) {
            all.push(host);
        }
    }
    let outcome = |host: &&str| Outcome {
        host: (*host).to_owned(),
        outcome: failure_on(failures, host).map_or(OK, |failure| failure.kind.word()).to_owned(),
    };
    all.iter().map(outcome).collect()
}
