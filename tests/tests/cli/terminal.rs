//! On a real terminal: colours, progress, questions, and no control sequences of hosts.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Child;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{program, until};

/// A program whose three streams are one terminal.
pub(crate) struct Terminal {
    child: Child,
    master: File,
}

impl Terminal {
    fn start(words: &str) -> Self {
        Self::with(&words.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn with(args: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = File::options().read(true).write(true).open(name).unwrap();
        let child = program()
            .args(args)
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave)
            .spawn()
            .unwrap();
        Self { child, master: master.into() }
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Everything that was shown until the program ended, and its exit code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let mut shown = Vec::new();
        let mut buffer = [0; 4096];
        // The last one who has the terminal open is gone: reading fails.
        while let Ok(count @ 1..) = self.master.read(&mut buffer) {
            shown.extend_from_slice(&buffer[..count]);
        }
        (String::from_utf8(shown).unwrap(), self.child.wait().unwrap().code())
    }
}

#[test]
fn a_terminal_is_not_driven_by_a_host() {
    let (shown, code) = Terminal::start("local draw").end();
    assert_eq!(code, Some(0));
    assert!(shown.contains("\u{1b}[31mred"), "{shown:?}");
    assert!(!shown.contains("\u{1b}[2J\u{1b}") && !shown.contains("title"), "{shown:?}");
}

#[test]
fn colours_can_be_switched_off() {
    let (shown, _) = Terminal::start("local draw --color never").end();
    assert!(!shown.contains('\u{1b}') && shown.contains("red"), "{shown:?}");
}

#[test]
fn long_work_shows_progress_and_takes_it_away() {
    let (shown, _) = Terminal::start("three sleep 1").end();
    assert!(shown.contains("running 3/3"), "{shown:?}");
    assert!(shown.contains("\r\u{1b}[2K"), "{shown:?}");
    assert!(shown.trim_end().ends_with("3 ok\u{1b}[0m"), "{shown:?}");
}

#[test]
fn a_question_is_answered_by_hand() {
    let mut terminal = Terminal::start("local ask");
    terminal.types("80\n");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0), "{shown:?}");
    assert!(shown.contains("Which port?") && shown.contains("port 80"), "{shown:?}");
}

#[test]
fn an_interrupted_question_ends() {
    let terminal = Terminal::start("local ask");
    let pid = rustix::process::Pid::from_child(&terminal.child);
    until("the program waits", || {
        std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()))
            .is_ok_and(|tasks| tasks.flatten().any(|task| is_question(&task.path())))
    });
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown:?}");
}

/// Whether this thread waits for an answer.
fn is_question(task: &std::path::Path) -> bool {
    std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "question")
}
