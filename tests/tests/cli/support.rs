//! Starts the program and looks at what it did.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(30);

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with an environment that does not depend on who runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cli_tree"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    // What runs leave here, and on hosts that are this machine.
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it with these words.
pub(crate) fn run(words: &str) -> Ran {
    args(words.split_whitespace())
}

/// Runs it with these arguments.
pub(crate) fn args<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ran {
    ended(program().args(args).spawn().unwrap())
}

/// Runs it with these words and this input.
pub(crate) fn answered(words: &str, input: &str) -> Ran {
    let mut child = program().args(words.split_whitespace()).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ended(child)
}

/// Waits for its end.
pub(crate) fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// Panics unless it ended with this exit code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Panics unless standard error holds this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} in {self:#?}");
        self
    }

    /// Panics unless standard output holds this.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} in {self:#?}");
        self
    }

    /// Panics if standard output holds anything.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert_eq!(self.out, "", "{self:#?}");
        self
    }

    /// Panics if a host was touched: a host that was would be in the summary.
    #[track_caller]
    pub(crate) fn touched_no_host(self) -> Self {
        assert!(!self.err.contains("host: ") && !self.err.contains("hosts: 1"), "{self:#?}");
        self
    }
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process with exactly these arguments runs on this machine.
pub(crate) fn is_running(args: &[&str]) -> bool {
    let wanted: Vec<u8> = args.iter().flat_map(|arg| [arg.as_bytes(), b"\0"].concat()).collect();
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes
        .flatten()
        .any(|process| std::fs::read(process.path().join("cmdline")).is_ok_and(|it| it == wanted))
}

/// A file's text.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
