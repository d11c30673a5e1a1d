//! Commands with the user's own terminal, on this machine: what is typed reaches them, and the terminal is as it was afterwards.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tests::terminal::{Ended, Terminal};

use crate::support::{is_running, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_terminal_tree");

fn start(args: &[&str]) -> Terminal {
    Terminal::start(PROGRAM, |command| {
        command.args(args).args(["--on-error", "abort"]).env("SHELL", "/bin/sh");
    })
}

/// The end of the program, after which the terminal is set as before.
#[track_caller]
fn restored(before: &str, terminal: Terminal) -> Ended {
    let ended = terminal.end();
    assert_eq!(ended.settings, before, "{}", ended.shown);
    ended
}

#[test]
fn what_is_typed_reaches_the_command_and_what_it_shows_is_kept() {
    let mut terminal =
        start(&["local", "give", "stty -echo; echo begun; read x; echo got $x; test -t 2"]);
    let before = terminal.settings();
    terminal.shows("begun\r\n");
    assert_ne!(terminal.settings(), before);
    terminal.types("a ü b\r");
    terminal.shows("got a ü b\r\n");
    terminal.shows(r#"kept ["begun\r\ngot a ü b\r\n"]"#);
    assert_eq!(restored(&before, terminal).code, Some(0));
}

#[test]
fn the_size_of_the_window_follows() {
    let wait = "trap 'stty size; exit 0' WINCH; stty size; while :; do sleep 0.1; done";
    let mut terminal = start(&["local", "give", wait]);
    let before = terminal.settings();
    terminal.shows("24 80");
    terminal.resize(43, 132);
    terminal.shows("43 132");
    assert_eq!(restored(&before, terminal).code, Some(0));
}

/// Ctrl-C ends the program on the host and nothing here; Ctrl-D is the end of its input.
#[test]
fn keys_that_signal_are_the_commands_own() {
    // What says so is what the key ends: between the two the shell would put its trap off.
    let script = "trap 'echo; echo interrupted' INT; sh -c 'echo begun; exec cat'; cat; echo over";
    let mut terminal = start(&["local", "give", script]);
    let before = terminal.settings();
    terminal.shows("begun\r\n");
    terminal.types("\u{3}");
    terminal.shows("interrupted\r\n");
    terminal.types("line\r");
    terminal.shows("line\r\nline\r\n");
    terminal.types("\u{4}");
    terminal.shows("over\r\n");
    let ended = restored(&before, terminal);
    assert_eq!(ended.code, Some(0), "{}", ended.shown);
}

/// As in any shell: an interrupted program ends the script, one that takes Ctrl-C for itself does not.
#[test]
fn an_interrupted_command_fails_and_says_so() {
    let seconds = (300_000 + std::process::id() % 100_000).to_string();
    let mut terminal = start(&["local", "give", &format!("sleep {seconds}; echo not this")]);
    until("the command runs", || is_running(&["sleep", &seconds]));
    terminal.types("\u{3}");
    let ended = terminal.end();
    assert_eq!(ended.code, Some(1), "{}", ended.shown);
    assert!(
        ended.shown.contains("status 130") && !ended.shown.contains("\nnot this"),
        "{}",
        ended.shown
    );

    let mut terminal = start(&[
        "local",
        "give",
        // What says so is what the key ends, as above.
        "sh -c 'trap \"echo own\" INT; sh -c \"echo begun; exec cat\"; true'; echo and on",
    ]);
    terminal.shows("begun\r\n");
    terminal.types("\u{3}");
    terminal.shows("own\r\nand on\r\n");
    assert_eq!(terminal.end().code, Some(0));
}

#[test]
fn what_is_not_echoed_is_nowhere() {
    let script =
        "stty -echo; printf 'Word: '; read -r word; stty echo; echo; echo ${#word} letters";
    let mut terminal = start(&["local", "give", script]);
    terminal.shows("Word: ");
    terminal.types("hunter2\r");
    terminal.shows("7 letters");
    let ended = terminal.end();
    assert_eq!(ended.code, Some(0));
    assert!(!ended.shown.contains("hunter2"), "{}", ended.shown);
}

#[test]
fn the_terminal_is_restored_when_we_are_told_to_end() {
    let seconds = (200_000 + std::process::id() % 100_000).to_string();
    let script = format!("printf '\\033[?1049h\\033[?25lfull screen'; sleep {seconds}");
    let mut terminal = start(&["local", "give", &script]);
    let before = terminal.settings();
    terminal.shows("full screen");
    assert_ne!(terminal.settings(), before);
    kill_process(Pid::from_child(&terminal.child), Signal::TERM).unwrap();
    let ended = restored(&before, terminal);
    assert_eq!(ended.code, Some(130), "{}", ended.shown);
    assert!(ended.shown.contains("\u{1b}[?25h\u{1b}[?1049l"), "{}", ended.shown);
    until("the command is gone", || !is_running(&["sleep", &seconds]));
}

#[test]
fn the_terminal_is_restored_when_the_program_falls_over() {
    let mut terminal = start(&["local", "fall"]);
    let before = terminal.settings();
    terminal.shows("begun");
    terminal.types("\r");
    let ended = restored(&before, terminal);
    assert_eq!(ended.code, Some(1), "{}", ended.shown);
    assert!(ended.shown.contains("the floor is gone"), "{}", ended.shown);
}

#[test]
fn there_is_a_way_out_of_what_does_not_answer() {
    let mut terminal =
        start(&["local", "give", "trap '' INT HUP TERM; echo begun; while :; do sleep 1; done"]);
    let before = terminal.settings();
    terminal.shows("begun");
    terminal.types("\u{3}\r~.");
    let ended = restored(&before, terminal);
    assert_eq!(ended.code, Some(1), "{}", ended.shown);
    assert!(ended.shown.contains("given up by `~.`"), "{}", ended.shown);
}

#[test]
fn a_shell_is_the_users_own() {
    let mut terminal = start(&["local", "--connect"]);
    let before = terminal.settings();
    terminal.types("echo $((6 * 7)); exit 3\r");
    // Behind the prompt or below it, as the shell is faster or we are.
    terminal.shows("42\r\n");
    let ended = restored(&before, terminal);
    // What the last command came to is no failure of ours.
    assert_eq!(ended.code, Some(0), "{}", ended.shown);
}

/// Two hosts are worked on one after the other, and nothing else is shown meanwhile.
#[test]
fn hosts_take_turns() {
    let mut terminal = start(&["two", "give", "printf 'name: '; read name; echo hello $name"]);
    for name in ["Ada", "Bob"] {
        terminal.shows("name: ");
        terminal.types(&format!("{name}\r"));
        terminal.shows(&format!("hello {name}\r\n"));
    }
    let ended = terminal.end();
    assert_eq!(ended.code, Some(0), "{}", ended.shown);
    assert!(!ended.shown.contains("running"), "{}", ended.shown);
}

#[test]
fn without_a_terminal_it_is_a_mistake() {
    let run = |args: &[&str]| {
        let mut program = Command::new(PROGRAM);
        program.args(args).stdin(Stdio::null());
        let output = program.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for args in [&["local", "give", "true"][..], &["local", "--connect"]] {
        let (code, err) = run(args);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains("an interactive command needs a terminal"), "{err}");
    }
    let ended = start(&["local", "give", "true", "--non-interactive"]).end();
    assert_eq!(ended.code, Some(2), "{}", ended.shown);
    assert!(ended.shown.contains("asks nobody"), "{}", ended.shown);
}

#[test]
fn a_dry_run_shows_what_would_get_the_terminal() {
    for args in
        [&["local", "give", "touch x", "--dry-run"][..], &["local", "--connect", "--dry-run"]]
    {
        let ended = start(args).end();
        assert_eq!(ended.code, Some(4), "{}", ended.shown);
        assert!(ended.shown.contains("would run"), "{}", ended.shown);
    }
}

/// The command is in the log with its status and its time, what the terminal showed is not.
#[test]
fn it_is_logged() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut terminal = Terminal::start(PROGRAM, |command| {
        command
            .args(["local", "give", "printf 'half a '; echo line; read x"])
            .arg("--log")
            .arg(&log);
    });
    terminal.shows("half a line");
    terminal.types("\r");
    assert_eq!(terminal.end().code, Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains(r#""event":"command_started""#), "{log}");
    assert!(log.contains(r#""outcome":{"ok":{"code":0}}"#), "{log}");
    assert!(!log.contains(r#""event":"line""#), "{log}");
}
