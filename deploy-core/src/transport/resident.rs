//! Shells that stay after a command for the next one, so that starting one is paid once and not per command.
//!
//! While a command runs somebody must listen on the channel's standard input, which is the line of life: when it says so, or
//! breaks, the process group is ended, which is everything that this shell's commands have started and that has not left the
//! group (`setsid`). For a shell's first command that is a *watcher*, a fork beside it, because most shells never see a second
//! one. From the second on it is a *feeder*, which stays, and hands each line on to a *runner*. What earlier commands have left in
//! the background, a daemon maybe, is spared by it: see [`END`].
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

/// Runs the second parameter in a subshell, without the line of life, and says how it ended, with the first as mark.
fn run(life: u8) -> String {
    format!(
        "($_deploy_f; exec {life}<&-; _deploy=$2; set --; eval \"$_deploy\"); \
         _deploy=$?; {STATUS}echo \"$1\" >&2; echo \"$1 $_deploy\""
    )
}

/// Where a shell has the line of life before there is a runner. The runner has it at [`LINES`], so that the two can be told apart.
const LIFE: u8 = 5;

/// Where the runner reads, and where nothing is open before there is one, whatever this program was started with (`flock` leaves its
/// file there).
const LINES: u8 = 3;

/// What the feeder ends a command with: `_deploy_z`, which spares what earlier commands of the shell have left in the background.
///
/// Looking takes milliseconds, so nobody looks before something is to be ended. If there is nothing to spare the group is
/// ended as a whole, which nothing escapes; so it is where there is no `/proc` to look at.
///
/// `_deploy_l` looks. Its words are ` PID:PARENT:START` for each process of the group. Those that are the shell's own (the feeder, the
/// runner and what is above it) count for nothing. The command that runs is the runner's only child. What has begun since
/// that one did, or descends from what has, is the command's (`_deploy_k`); all else was there before (`_deploy_e`). A process whose
/// parent has ended is nobody's in the group, so it is told by its own time; of one tick of the clock, the greater number is later.
/// `_deploy_u` finds the parent of a process of the group. Arithmetic is on differences alone, because mksh's has 32 bits.
const END: &str = concat!(
    r#"_deploy_u() { case $_deploy_m in *" $1:"*) _deploy_p=${_deploy_m#*" $1:"}; _deploy_p=${_deploy_p%%:*};; *) return 1;; esac; }; "#,
    r#"_deploy_l() { _deploy_m=" "; _deploy_k=; _deploy_e=; "#,
    "read -r _deploy_o _deploy _deploy _deploy _deploy_g _deploy </proc/self/stat || return; ",
    "for _deploy in /proc/[0-9]*; do ",
    r#"IFS= read -r _deploy <"$_deploy/stat" || continue; "#,
    r#"set -- ${_deploy%% *} ${_deploy##*") "}; "#,
    r#"case $4:$2 in $_deploy_g:Z) ;; $_deploy_g:*) _deploy_m="$_deploy_m$1:$3:${21} ";; esac; done; "#,
    "_deploy_r=$$; [ -e /proc/$$/fd/3 ] || for _deploy in $_deploy_m; do ",
    "case $_deploy in *:$$:*) [ -e /proc/${_deploy%%:*}/fd/3 ] && _deploy_r=${_deploy%%:*};; esac; done; ",
    "for _deploy in $_deploy_m; do case $_deploy in *:$_deploy_r:*) _deploy_s=$_deploy;; esac; done; ",
    r#"_deploy_x=" $_deploy_o $_deploy_r "; _deploy_p=$$; "#,
    r#"while _deploy=$_deploy_p; _deploy_u $_deploy; do _deploy_x="$_deploy_x$_deploy "; done; "#,
    "for _deploy in $_deploy_m; do _deploy=${_deploy%%:*}; _deploy_t=$_deploy; ",
    r#"case $_deploy_x in *" $_deploy "*) continue;; esac; "#,
    "while _deploy_u $_deploy_t; do ",
    r#"case $_deploy_x in *" $_deploy_p "*) break;; esac; "#,
    r#"case $_deploy_m in *" $_deploy_p:"*) _deploy_t=$_deploy_p;; *) break;; esac; done; "#,
    "[ $_deploy_p = $_deploy_o ] && continue; ",
    r#"case $_deploy_s in "") _deploy_e="$_deploy_e $_deploy"; continue;; esac; "#,
    r#"_deploy_h=${_deploy_m#*" $_deploy_t:"}; _deploy_h=${_deploy_h#*:}; _deploy_h=$((${_deploy_h%% *}-${_deploy_s##*:})); "#,
    "if [ $_deploy_h -gt 0 ] || { [ $_deploy_h = 0 ] && [ $_deploy_t -ge ${_deploy_s%%:*} ]; }; ",
    r#"then _deploy_k="$_deploy_k $_deploy"; else _deploy_e="$_deploy_e $_deploy"; fi; done; }; "#,
    r#"_deploy_z() { _deploy_s=; _deploy_l; case $_deploy_e in "") kill -TERM 0; sleep 2; kill -KILL 0; exit;; esac; "#,
    "kill -TERM $_deploy_k; sleep 2; _deploy_l; kill -KILL $_deploy_k; exit; }; ",
);

/// What `sh` runs to stay. Nothing in it is a user's, so it may be in an argument list. `group` is its process group.
///
/// A line is `_deploy MARK SCRIPT`; the first begins with `_deploy_b MARK`. When the line of life breaks, the feeder says `exit` to
/// the runner. If that is idle it does so, and a second word to it ends the feeder (SIGPIPE): what earlier commands have left in
/// the background lives on. If it is busy a command is running, and is ended. The feeder is a child of
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
        "trap \"\" TERM HUP; {END}\
         while IFS= read -r _deploy; do case $_deploy in {CANCEL}) _deploy_z;; {DISMISS}) exit;; *) _deploy_w \"$_deploy\";; esac; done; \
         echo exit; sleep 0.1 || sleep 1; echo exit || exit; _deploy_z"
    );
    let (first, later) = (run(LIFE), run(LINES));
    let runner = format!(
        "trap : TERM; exec {LINES}<&0 {LIFE}<&- </dev/null; \
         _deploy() {{ {later}; }}; \
         while IFS= read -r _deploy <&{LINES}; do eval \"$_deploy\"; done"
    );
    format!(
        "trap : TERM; exec {LIFE}<&0 {LINES}<&- </dev/null; {WORDS}\
         _deploy_b() {{ echo \"$1\" {group}; echo \"$1\" >&2; }}; \
         _deploy() {{ ({watcher}) <&{LIFE} {LIFE}<&- >/dev/null 2>&1 & {first}; wait; }}; \
         IFS= read -r _deploy <&{LIFE} && eval \"$_deploy\"; \
         IFS= read -r _deploy <&{LIFE} || exit 0; [ \"$_deploy\" = {DISMISS} ] && exit 0; \
         {{ exec 2>/dev/null; _deploy_w \"$_deploy\"; {{ exec <&{LIFE} {LIFE}<&-; {feeder}; }} & }} | {{ {runner}; }}; \
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
