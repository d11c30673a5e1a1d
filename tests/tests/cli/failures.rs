//! What a failed command leads to: asked, aborted, gone on without its host.

use crate::support::{args, ended, program, run};
use crate::terminal::Terminal;

/// A path that is not there, in a directory that lives as long as the result.
fn nowhere() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made").display().to_string();
    (directory, path)
}

/// A line for each host that got to the second command, in any order.
fn second(out: &str) -> Vec<&str> {
    let mut hosts: Vec<&str> =
        out.lines().filter_map(|line| line.trim_end().strip_suffix(" | second")).collect();
    hosts.sort_unstable();
    hosts
}

#[test]
fn a_failure_ends_the_action_when_all_hosts_are_through_with_the_command() {
    let (_directory, path) = nowhere();
    let ran = args(["three", "twice", &format!("mkdir {path}"), "--serial"]).code(1);
    assert_eq!(second(&ran.out), [""; 0]);
    ran.says("3 hosts: 1 ok, 2 failed");
}

#[test]
fn a_run_goes_on_without_the_hosts_that_failed() {
    let (_directory, path) = nowhere();
    let mkdir = format!("mkdir {path}");
    let ran = args(["three", "twice", &mkdir, "--serial", "--on-error", "continue"]).code(1);
    assert_eq!(second(&ran.out), ["web1"]);
    assert_eq!(ran.err.matches("error: three twice: web2: ").count(), 1, "{ran:#?}");
    ran.says("web2 note left out of what follows").says("3 hosts: 1 ok, 2 failed");
    let ran = args(["three", "twice", "false", "--on-error", "continue"]).code(1);
    assert_eq!(second(&ran.out), [""; 0]);
    ran.says("3 hosts: 0 ok, 3 failed");
}

#[test]
fn a_host_that_is_not_reached_is_left_out_too() {
    run("dead twice true --on-error continue --connect-timeout 5s --connection-persist 0")
        .code(3)
        .prints("localhost | second")
        .says("error: dead twice: dead: connection refused")
        .says("2 hosts: 1 ok, 1 unreachable");
}

#[test]
fn results_of_the_others_are_shown() {
    let ran = args(["web", "deploy", "test $HOST_NAME != web2", "--on-error", "continue"]).code(1);
    assert!(ran.out.contains("web1: deployed\nweb3: deployed\n"), "{ran:#?}");
}

#[test]
fn other_cells_go_on_unless_the_run_is_aborted() {
    let deploy = |more: &[&str]| {
        args(["web", "deploy", "test $HOST_NAME != web1", "--serial"].iter().chain(more)).code(1)
    };
    assert_eq!(second(&deploy(&[]).out), ["web2", "web3"]);
    let ran = deploy(&["--on-error", "abort"]);
    assert_eq!(second(&ran.out), [""; 0]);
    ran.says("web2: not attempted, because the run was aborted when web1 failed")
        .says("3 hosts: 0 ok, 1 failed, 2 not attempted");
}

#[test]
fn who_wants_to_be_asked_must_be_there() {
    run("local fail --on-error ask").code(2).says("nobody to ask").touched_no_host();
    run("local fail --on-error perhaps").code(2).says("ask, abort, continue");
    let terminal = Terminal::with(&["local", "fail", "--non-interactive"]);
    let (shown, code) = terminal.end();
    assert!(code == Some(1) && !shown.contains("[a]bort"), "{shown:?}");
}

#[test]
fn answers_may_come_from_a_pipe() {
    let (_directory, path) = nowhere();
    let once = format!("test -e {path} || {{ touch {path}; false; }}");
    let mut program = program();
    program
        .args(["local", "--run", &once, "--on-error", "ask"])
        .stdin(std::process::Stdio::piped());
    let mut child = program.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"what?\nr\n").unwrap();
    ended(child).code(0).says("it is one of retry, skip, skip-all and abort").says("1 host: 1 ok");
}

const QUESTION: &str = "[r]etry, [s]kip this host, skip [all] that fail, or [a]bort? [abort] ";

#[test]
fn a_terminal_is_asked_and_a_command_is_tried_again() {
    let (_directory, path) = nowhere();
    let once = format!("test -e {path} || {{ touch {path}; exit 9; }}");
    let mut terminal = Terminal::with(&["local", "--run", &once]);
    terminal.types("retry\n\u{4}");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0), "{shown:?}");
    assert!(shown.contains("failed with status 9\r\nlocalhost: [r]etry"), "{shown:?}");
    assert_eq!(shown.matches(QUESTION).count(), 1, "{shown:?}");
}

#[test]
fn hosts_that_fail_at_once_are_asked_about_one_after_the_other() {
    let mut terminal = Terminal::with(&["three", "twice", "exit 5", "--color", "never"]);
    terminal.types("s\ns\ns\n\u{4}");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(1), "{shown:?}");
    assert_eq!(shown.matches(QUESTION).count(), 3, "{shown:?}");
    for host in ["web1", "web2", "web3"] {
        let question = format!("{host}: `exit 5` failed with status 5\r\n{host}: {QUESTION}");
        assert_eq!(shown.matches(&question).count(), 1, "{shown:?}");
    }
    assert!(shown.contains("3 hosts: 0 ok, 3 failed"), "{shown:?}");
}

#[test]
fn one_answer_can_do_for_all() {
    for (answer, says) in [("all\n", "3 hosts: 1 ok, 2 failed"), ("\n", "3 hosts: 1 ok, 2 failed")]
    {
        let (_directory, path) = nowhere();
        let mkdir = format!("mkdir {path}");
        let mut terminal = Terminal::with(&["three", "twice", &mkdir, "--color", "never"]);
        terminal.types(answer);
        // Whoever is asked once more is gone.
        terminal.types("\u{4}");
        let (shown, code) = terminal.end();
        assert_eq!(code, Some(1), "{shown:?}");
        assert_eq!(shown.matches(QUESTION).count(), 1, "{shown:?}");
        let skipped = answer == "all\n";
        assert_eq!(shown.matches(" | second").count(), usize::from(skipped), "{shown:?}");
        assert!(shown.contains(says), "{shown:?}");
    }
}
