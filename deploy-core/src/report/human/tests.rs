//! What a run looks like, byte by byte.

use std::time::Duration;

use super::super::tests::Buffer;
use super::*;
use crate::command::Status;
use crate::event::{Failure, FailureKind, Outcome};

struct Shown {
    human: Human,
    out: Buffer,
    err: Buffer,
}

fn shown(terminal: bool) -> Shown {
    let (out, err) = (Buffer::default(), Buffer::default());
    let human =
        Human::to(Box::new(out.clone()), Box::new(err.clone()), [terminal; 2], [terminal; 2]);
    Shown { human, out, err }
}

impl Shown {
    fn tell(&self, events: impl IntoIterator<Item = EventKind>) -> &Self {
        for kind in events {
            self.human.event(&Event::new("".into(), kind));
        }
        self
    }

    fn configured(mut self, change: impl FnOnce(Human) -> Human) -> Self {
        self.human = change(self.human);
        self
    }

    /// Both streams after the end.
    fn end(&self) -> (String, String) {
        self.human.finish();
        (self.out.text(), self.err.text())
    }
}

fn started(id: u64, host: &str) -> EventKind {
    let (host, command) = (host.to_owned(), "uname".to_owned());
    EventKind::CommandStarted { id, host, command, quiet: false }
}

fn line(id: u64, host: &str, stream: Stream, text: &str) -> EventKind {
    EventKind::Line { id, host: host.to_owned(), stream, text: text.to_owned() }
}

fn ended(id: u64, host: &str, outcome: Outcome) -> EventKind {
    EventKind::CommandFinished {
        id,
        host: host.to_owned(),
        command: "uname".to_owned(),
        outcome,
        elapsed: Duration::ZERO,
    }
}

fn operation(host: &str, result: OperationResult, diff: &str) -> EventKind {
    EventKind::Operation {
        host: host.to_owned(),
        description: "file /etc/motd".to_owned(),
        result,
        diff: diff.to_owned(),
    }
}

const OK: Outcome = Outcome::Ok(Status::Code(0));

#[test]
fn lines_have_their_host_in_front() {
    let shown = shown(false);
    shown.tell([
        started(1, "db1"),
        started(2, "queue"),
        line(1, "db1", Stream::Stdout, "Linux"),
        line(2, "queue", Stream::Stderr, "no such file"),
        ended(1, "db1", OK),
        ended(2, "queue", OK),
    ]);
    let (out, err) = shown.end();
    assert_eq!(out, "db1   | Linux\n");
    assert_eq!(err, "queue ! no such file\n2 hosts: 2 ok\n");
}

#[test]
fn without_prefix_lines_are_as_they_are() {
    let shown = shown(false).configured(|human| human.prefix(false));
    shown.tell([started(1, "db1"), line(1, "db1", Stream::Stdout, "\u{1b}[2Jx")]);
    assert_eq!(shown.end().0, "\u{1b}[2Jx\n");
}

#[test]
fn a_terminal_gets_colours_and_no_foreign_control_sequences() {
    let shown = shown(true);
    shown.tell([started(1, "db1"), line(1, "db1", Stream::Stdout, "\u{1b}[2Jx\u{1b}]0;t\u{7}")]);
    let out = shown.end().0;
    assert!(out.ends_with(" x\n"), "{out:?}");
    assert!(out.contains("\u{1b}[") && !out.contains("[2J") && !out.contains("]0;"), "{out:?}");
}

#[test]
fn nothing_changed_is_said_plainly() {
    let shown = shown(false);
    let hosts = ["web1", "web2"];
    shown.tell(hosts.map(|host| started(1, host)));
    shown.tell(hosts.map(|host| operation(host, OperationResult::Unchanged, "")));
    shown.tell(hosts.map(|host| ended(1, host, OK)));
    assert_eq!(shown.end().1, "2 hosts: 2 ok, 0 changed — nothing changed\n");
}

#[test]
fn changes_and_their_differences() {
    let shown = shown(false).configured(|human| human.diff(true).verbose(1));
    shown.tell([
        operation("web1", OperationResult::Unchanged, ""),
        operation("web1", OperationResult::Changed, "-old\n+new\n"),
    ]);
    assert_eq!(
        shown.end().1,
        "web1 ok file /etc/motd\n\
         web1 changed file /etc/motd\n    -old\n    +new\n\
         1 host: 1 ok, 1 changed\n"
    );
}

#[test]
fn a_dry_run_shows_differences_unasked() {
    let shown = shown(false);
    shown.tell([
        operation("web1", OperationResult::WouldChange, "+new\n"),
        EventKind::WouldRun { host: "web1".to_owned(), command: "sudo: reboot".to_owned() },
    ]);
    assert_eq!(
        shown.end().1,
        "web1 would change file /etc/motd\n    +new\n\
         web1 would run sudo: reboot\n\
         1 host: 1 ok, 1 would change\n"
    );
}

#[test]
fn a_failure_that_was_handled_is_none() {
    let shown = shown(false);
    shown.tell([
        started(1, "web1"),
        ended(1, "web1", Outcome::Failed(Status::Code(1))),
        EventKind::Finished { exit_code: 0, failures: Vec::new() },
    ]);
    assert_eq!(shown.end().1, "1 host: 1 ok\n");
}

#[test]
fn failures_are_told_once_and_counted() {
    let shown = shown(false);
    let failure = |host: &str, kind, message: &str| Failure {
        host: Some(host.to_owned()),
        action: None,
        kind,
        message: message.to_owned(),
    };
    shown.tell([
        started(1, "web1"),
        ended(1, "web1", OK),
        started(2, "web2"),
        ended(2, "web2", Outcome::Failed(Status::Code(1))),
        EventKind::Unreachable {
            host: "db1".to_owned(),
            reason: crate::Unreachable::Refused,
            detail: String::new(),
        },
        EventKind::Finished {
            exit_code: 1,
            failures: vec![
                failure("web2", FailureKind::Failed, "web2: `false` failed with status 1\n  no"),
                failure("db1", FailureKind::Unreachable, "db1: connection refused"),
            ],
        },
    ]);
    assert_eq!(
        shown.end().1,
        "error: web2: `false` failed with status 1\n  no\n\
         error: db1: connection refused\n\
         web2  failed\n\
         db1   unreachable\n\
         3 hosts: 1 ok, 1 failed, 1 unreachable\n"
    );
}

#[test]
fn results_go_to_standard_output() {
    let shown = shown(false);
    shown.tell([EventKind::Result {
        value: serde_json::Value::Null,
        text: vec![(None, "1".to_owned()), (Some("web1".to_owned()), "a\nb".to_owned())],
    }]);
    assert_eq!(shown.end(), ("1\nweb1: a\nweb1: b\n".to_owned(), String::new()));
}

#[test]
fn while_a_question_is_asked_nothing_is_shown() {
    let shown = shown(true);
    shown.human.pause(true);
    shown.tell([started(1, "db1"), line(1, "db1", Stream::Stdout, "x")]);
    assert_eq!(shown.out.text(), "");
    shown.human.pause(false);
    assert!(shown.out.text().contains('x'));
}
