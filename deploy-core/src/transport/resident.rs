//! Shells that stay after a command for the next one, so that starting one is paid once and not per command.
//!
//! While a command runs somebody must listen on the channel's standard input, which is the line of life: when it says so, or
//! breaks, the process group is ended, which is everything that this shell's commands have started and that has not left the
//! group (`setsid`). For a shell's first command that is a *watcher*, a fork beside it, because most shells never see a second
//! one. From the second on it is a *feeder*, which stays, and hands each line on to a *runner*.
//!
//! A shell serves one command at a time; one that is busy is simply not here. What came of a command is the
//! command's own: it ran in a subshell, so no directory, variable or umask stays behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::bootstrap::{CANCEL, DONE, KILL, STATUS, WORDS};

/// How many shells wait on one connection; each takes a session of those that sshd allows.
const MOST: usize = 4;

/// How many pieces of output of what earlier commands left behind are read away before a shell is taken for unusable.
const STALE: usize = 64;

/// The line that says that there will be no more commands.
const DISMISS: &str = "q";

/// Runs the second parameter in a subshell and says how it ended, with the first as mark.
fn run() -> String {
    format!(
        "($_deploy_f; exec 3<&-; _deploy=$2; set --; eval \"$_deploy\"); \
         _deploy=$?; {STATUS}echo \"$1\" >&2; echo \"$1 $_deploy\""
    )
}

/// What `sh` runs to stay. Nothing in it is a user's, so it may be in an argument list. `group` is its process group.
///
/// A line is `_deploy MARK SCRIPT`; the first begins with `_deploy_b MARK`. When the line of life breaks, the feeder says `exit` to
/// the runner. If that is idle it does so, and a second word to it ends the feeder (SIGPIPE): what earlier commands have left in
/// the background lives on. If it is busy a command is running, and all of the group is ended. The feeder is a child of
/// nobody who waits for it, so that this shell ends when the runner does, and like it; what it has redirected it has done with
/// `exec`, because dash keeps open what is redirected for a while.
///
/// The runner is a fork of this shell and no program of its own, which would cost as much as three commands. So `$$` is this shell, and a
/// script that kills it would not be ended by that; such scripts are not for shells that stay.
pub(super) fn program(group: &str) -> String {
    let watcher = format!(
        "trap \"\" TERM HUP; \
         while IFS= read -r _deploy; do case $_deploy in {DONE}) exit;; {CANCEL}) {KILL};; esac; done; {KILL}"
    );
    let feeder = format!(
        "trap \"\" TERM HUP; \
         while IFS= read -r _deploy; do case $_deploy in {CANCEL}) {KILL};; {DISMISS}) exit;; *) _deploy_w \"$_deploy\";; esac; done; \
         echo exit; sleep 0.1 || sleep 1; echo exit || exit; {KILL}"
    );
    let run = run();
    let runner = format!(
        "trap : TERM; exec 3<&0 </dev/null; \
         _deploy() {{ {run}; }}; \
         while IFS= read -r _deploy <&3; do eval \"$_deploy\"; done"
    );
    format!(
        "trap : TERM; exec 3<&0 </dev/null; {WORDS}\
         _deploy_b() {{ echo \"$1\" {group}; echo \"$1\" >&2; }}; \
         _deploy() {{ ({watcher}) <&3 3<&- >/dev/null 2>&1 & {run}; wait; }}; \
         IFS= read -r _deploy <&3 && eval \"$_deploy\"; \
         IFS= read -r _deploy <&3 || exit 0; [ \"$_deploy\" = {DISMISS} ] && exit 0; \
         {{ exec 2>/dev/null; _deploy_w \"$_deploy\"; {{ exec <&3 3<&-; {feeder}; }} & }} | {{ {runner}; }}; \
         _deploy=$?; {STATUS}[ $_deploy -le 128 ] || kill -$((_deploy-128)) $$; exit $_deploy"
    )
}

/// A shell that can be told that it is not needed any more.
pub(super) trait Shell {
    /// Where it reads.
    fn stdin(&mut self) -> &mut (impl AsyncWrite + Unpin);
}

/// The shells of one connection that wait for a command, by what started them.
pub(super) struct Residents<T: Shell> {
    idle: Mutex<Vec<(Vec<String>, T)>>,
}

impl<T: Shell> Residents<T> {
    pub(super) fn new() -> Self {
        Self { idle: Mutex::default() }
    }

    /// A shell that was started with these words; it is the caller's now.
    pub(super) fn take(&self, words: &[String]) -> Option<T> {
        let mut idle = self.lock();
        let index = idle.iter().position(|(known, _)| known == words)?;
        Some(idle.swap_remove(index).1)
    }

    /// Keeps a shell for the next command. One that is too many ends.
    pub(super) fn keep(&self, words: Vec<String>, mut shell: T) {
        let mut idle = self.lock();
        if idle.len() < MOST && idle.iter().all(|(known, _)| *known != words) {
            idle.push((words, shell));
        } else {
            dismiss(&mut shell);
        }
    }

    /// Ends all that wait.
    pub(super) fn end(&self) {
        // Dropped when the lock is free again: what ends a shell may take its time.
        let mut ended = std::mem::take(&mut *self.lock());
        ended.iter_mut().for_each(|(_, shell)| dismiss(shell));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Vec<String>, T)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Shell> Drop for Residents<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Tells a shell that waits to end. It would do so by itself when its streams are closed, after having looked twice.
fn dismiss(shell: &mut impl Shell) {
    let stdin = shell.stdin();
    let line = format!("{DISMISS}\n");
    let _ = stdin.write_all(line.as_bytes()).now_or_never();
}

/// Whether a waiting shell's stream has ended. Reads away what is there.
pub(super) fn is_closed(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut buffer = [0; 1024];
    for _ in 0..STALE {
        match stream.read(&mut buffer).now_or_never() {
            None => return false,
            Some(Ok(0) | Err(_)) => return true,
            Some(Ok(_)) => {}
        }
    }
    true
}
