//! One measured program: from its start to its end, with what it used.
//!
//! Knows nothing of what is measured. A program runs in a process group of its own, so that one that hangs, or
//! Ctrl-C, ends it with what it started.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use wait4::Wait4;

use super::interrupt::Interrupt;
use crate::error::{Context, Result};

/// A program that takes longer than this is ended and has no measurement.
const LIMIT: Duration = Duration::from_secs(400);

/// How often Ctrl-C is looked for while a program runs; rare enough to cost nothing.
const LOOK: Duration = Duration::from_millis(100);

/// A program with its arguments, as data: it is run once a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Invocation {
    pub(super) argv: Vec<OsString>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) stdin: Option<PathBuf>,
    /// Where standard output goes; nowhere by default.
    pub(super) stdout: Option<PathBuf>,
}

impl Invocation {
    pub(super) fn new<W: Into<OsString>>(argv: impl IntoIterator<Item = W>) -> Self {
        Self { argv: argv.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(super) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.argv.push(arg.into());
        self
    }

    pub(super) fn args<W: Into<OsString>>(mut self, args: impl IntoIterator<Item = W>) -> Self {
        self.argv.extend(args.into_iter().map(Into::into));
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    pub(super) fn stdin(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdin = Some(path.into());
        self
    }

    pub(super) fn stdout(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdout = Some(path.into());
        self
    }

    /// The same program run by another, such as `time`.
    pub(super) fn run_by<W: Into<OsString>>(mut self, prefix: impl IntoIterator<Item = W>) -> Self {
        self.argv.splice(0..0, prefix.into_iter().map(Into::into));
        self
    }
}

/// What a program took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) wall: Duration,
    /// Processor time of the program and of those of its children that it waited for.
    pub(super) cpu: Duration,
}

/// Runs it to its end. The inner error says how the program failed; its stderr is left in `stderr`.
pub(super) fn measure(
    invocation: &Invocation,
    stderr: &Path,
    interrupt: &Interrupt,
) -> Result<std::result::Result<Sample, String>> {
    let create = |path: &Path| File::create(path).context(format_args!("write {path:?}"));
    let (program, args) = invocation.argv.split_first().unwrap_or_else(|| unreachable!());
    let mut command = Command::new(program);
    command.args(args).envs(invocation.env.iter().cloned()).process_group(0);
    command.stdin(match &invocation.stdin {
        Some(path) => File::open(path).context(format_args!("read {path:?}"))?.into(),
        None => Stdio::null(),
    });
    command.stdout(match &invocation.stdout {
        Some(path) => create(path)?.into(),
        None => Stdio::null(),
    });
    command.stderr(create(stderr)?);

    let start = Instant::now();
    let child = command.spawn().context(format_args!("run {program:?}"))?;
    let pid = Pid::from_child(&child);
    let (done, watched) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn({
        let interrupt = interrupt.clone();
        move || {
            while watched.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
                if start.elapsed() > LIMIT || interrupt.fired() {
                    // The group is gone when everybody in it has just ended; that is what is wanted.
                    let _ = kill_process_group(pid, Signal::KILL);
                    break;
                }
            }
        }
    });
    // It stays a zombie until the watchdog is gone, so that nobody else's group can be hit.
    let ended = loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other,
        }
    };
    let wall = start.elapsed();
    drop(done);
    let _ = watchdog.join();
    ended.context(format_args!("wait for {program:?}"))?;
    let usage = child.wait4().context(format_args!("wait for {program:?}"))?;
    interrupt.check()?;
    if usage.status.success() {
        let cpu = usage.rusage.utime + usage.rusage.stime;
        return Ok(Ok(Sample { wall, cpu }));
    }
    if wall > LIMIT {
        return Ok(Err(format!("took more than {} s", LIMIT.as_secs())));
    }
    let said = std::fs::read(stderr).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Ok(Err(format!("{}: {}", usage.status, last.trim().chars().take(160).collect::<String>())))
}
