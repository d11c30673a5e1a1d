//! Interruptions: by signal, and by a reader that has gone away.

use std::io::{BufRead, BufReader};
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{args, ended, is_running, program, until};

/// Starts `local sleep` with a number of seconds that nobody else uses, and waits until it runs.
fn sleeping(offset: u32) -> (Child, String) {
    let seconds = (100_000 + std::process::id() % 100_000 * 10 + offset).to_string();
    let child = program().args(["local", "sleep", &seconds]).spawn().unwrap();
    until("the command runs", || is_running(&["sleep", &seconds]));
    (child, seconds)
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn the_first_interruption_ends_what_runs() {
    for (offset, signal) in [(1, Signal::INT), (2, Signal::TERM)] {
        let (child, seconds) = sleeping(offset);
        send(&child, signal);
        ended(child).code(130).says("interrupted").says("1 host: 0 ok, 1 cancelled");
        // It has its signal by now; dying of it takes a busy machine a moment.
        until("the command is gone", || !is_running(&["sleep", &seconds]));
    }
}

#[test]
fn the_second_interruption_ends_at_once() {
    let (mut child, seconds) = sleeping(3);
    send(&child, Signal::INT);
    // The signals must not become one.
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains("interrupted"), "{line}");
    send(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    until("the command is gone", || !is_running(&["sleep", &seconds]));
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let mut child = program().args(["local", "count", "100000000"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "localhost | 1\n");
    drop(out);
    let ran = ended(child).code(141);
    assert!(!ran.err.contains("panicked") && !ran.err.contains("rror"), "{ran:#?}");
    until("the command is gone", || !is_running(&["seq", "100000000"]));
}

/// A file on a disk that is full.
fn full() -> std::fs::File {
    std::fs::File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_full_disk_is_a_failure_and_says_so() {
    for (words, at_once) in [
        ("local count 100000000", true),
        ("local count 100000000 --output json", true),
        ("local add 1 2", false),
        ("local add 1 2 --output quiet", false),
        ("local add 1 2 --output json", false),
        ("three hello --gather", false),
    ] {
        let child = program().args(words.split(' ')).stdout(full()).spawn().unwrap();
        let ran = ended(child).code(1).says("cannot write the output: No space left on device");
        assert_eq!(ran.err.matches("cannot write").count(), 1, "{words}: {ran:#?}");
        assert!(!ran.err.contains("cancelled:"), "{words}: {ran:#?}");
        if at_once {
            until("the command is gone", || !is_running(&["seq", "100000000"]));
        }
    }
}

/// What is written beside standard output: told once, among the failures, and the run does not count as done.
#[test]
fn a_log_a_report_or_files_that_cannot_be_written_are_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (files, page) = (path("files"), path("pages/page.html"));
    for (option, place, remove, what) in [
        ("--log", "/dev/full", path("none"), "the log `/dev/full`: No space left".to_owned()),
        ("--output-dir", &files, files.clone(), format!("output to `{files}`: No such file")),
        ("--report", &page, path("pages"), format!("the report `{page}`: No such file")),
    ] {
        for output in ["human", "json", "quiet"] {
            std::fs::create_dir_all(dir.path().join("pages")).unwrap();
            let command = format!("rm -rf {remove}; echo something");
            let words = ["local", "--run", &command, option, place, "--output", output];
            let ran = args(words).code(1).says(&format!("error: cannot write {what}"));
            assert_eq!(ran.err.matches("cannot write").count(), 1, "{words:?}: {ran:#?}");
        }
    }
}

#[test]
fn help_into_a_pipe_that_is_closed_is_no_mistake() {
    let mut child = program().arg("--help").spawn().unwrap();
    drop(child.stdout.take());
    let ran = ended(child).code(0);
    assert_eq!(ran.err, "");
}
