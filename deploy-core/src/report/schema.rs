//! Holds `docs/events.md` to what is written: every event as the document shows it, every field and every word in it.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;

use super::json::Json;
use super::tests::Buffer;
use crate::command::Status;
use crate::error::Unreachable;
use crate::event::{
    Event, EventKind, Failure, FailureKind, OperationResult, Outcome, Reporter, Stream,
};

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");
    std::fs::read_to_string(path).unwrap()
}

/// Every event, some more than once.
fn events() -> Vec<EventKind> {
    let (id, elapsed) = (1, Duration::from_millis(1500));
    let host = || "web1".to_owned();
    let action = || "restart".to_owned();
    let command = || "systemctl restart web".to_owned();
    let finished = |outcome| EventKind::CommandFinished {
        id,
        host: host(),
        command: command(),
        outcome,
        elapsed,
    };
    let failure = Failure {
        host: Some(host()),
        action: Some("web restart".to_owned()),
        kind: FailureKind::Failed,
        message: "it failed with status 3".to_owned(),
    };
    vec![
        EventKind::ActionStarted { action: action() },
        EventKind::ActionFinished { action: action(), ok: true, elapsed },
        EventKind::Connecting { host: host() },
        EventKind::Connected { host: host(), reused: false },
        EventKind::Unreachable {
            host: host(),
            reason: Unreachable::Refused,
            detail: "Connection refused".to_owned(),
        },
        EventKind::CommandStarted { id, host: host(), command: command(), quiet: false },
        EventKind::Line { id, host: host(), stream: Stream::Stdout, text: "restarted".to_owned() },
        EventKind::Progress { id, host: host(), done: 1_048_576, total: Some(10_485_760) },
        EventKind::Progress { id, host: host(), done: 1_048_576, total: None },
        finished(Outcome::Ok(Status::Code(0))),
        finished(Outcome::Failed(Status::Signal(15))),
        finished(Outcome::TimedOut),
        finished(Outcome::Cancelled),
        finished(Outcome::Lost),
        EventKind::WouldRun { host: host(), command: command() },
        EventKind::Operation {
            host: host(),
            description: "file /etc/motd".to_owned(),
            result: OperationResult::Changed,
            diff: "-old\n+new\n".to_owned(),
        },
        EventKind::LockWaiting {
            host: host(),
            holder: serde_json::from_value(serde_json::json!({
                "who": "alice@laptop", "what": "web deploy", "since": 1_700_000_000, "pid": 4711,
                "run": "0f1e2d3c4b5a69780f1e2d3c4b5a6978",
            }))
            .unwrap(),
            text: "for people alone".to_owned(),
        },
        EventKind::LockWaiting { host: host(), holder: None, text: String::new() },
        EventKind::Locked { hosts: vec![host(), "web2".to_owned()] },
        EventKind::Unlocked { hosts: vec![host(), "web2".to_owned()] },
        EventKind::Note {
            host: Some(host()),
            text: "somebody else freed our deploy lock before we were done".to_owned(),
        },
        EventKind::Note { host: None, text: "nothing to do".to_owned() },
        EventKind::Result {
            value: serde_json::json!({"web1": "web1 is up"}),
            text: vec![(None, "for people alone".to_owned())],
        },
        EventKind::Finished { exit_code: 1, failures: vec![failure] },
        EventKind::Finished { exit_code: 0, failures: Vec::new() },
    ]
}

/// The number of an event's kind. A new kind does not compile until it is here, and then has to be in [`events`].
const fn number(kind: &EventKind) -> usize {
    match kind {
        EventKind::ActionStarted { .. } => 0,
        EventKind::ActionFinished { .. } => 1,
        EventKind::Connecting { .. } => 2,
        EventKind::Connected { .. } => 3,
        EventKind::Unreachable { .. } => 4,
        EventKind::CommandStarted { .. } => 5,
        EventKind::Line { .. } => 6,
        EventKind::CommandFinished { .. } => 7,
        EventKind::WouldRun { .. } => 8,
        EventKind::Operation { .. } => 9,
        EventKind::Note { .. } => 10,
        EventKind::Result { .. } => 11,
        EventKind::Finished { .. } => 12,
        EventKind::LockWaiting { .. } => 13,
        EventKind::Locked { .. } => 14,
        EventKind::Unlocked { .. } => 15,
        EventKind::Progress { .. } => 16,
    }
}

/// How many kinds there are.
const KINDS: usize = 17;

#[test]
fn every_event_is_written_as_the_document_says() {
    let buffer = Buffer::default();
    let json = Json::new(buffer.clone());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
    let events = events();
    let kinds: BTreeSet<_> = events.iter().map(number).collect();
    assert_eq!(kinds, (0..KINDS).collect(), "an event is missing from the test");
    for kind in events {
        json.event(&Event { at, node: "web".into(), kind });
    }
    json.finish();
    let parsed = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let mut written: Vec<_> = buffer.text().lines().map(parsed).collect();
    written[0]["version"] = "0.1.0".into();
    let document = document();
    let examples: Vec<_> =
        document.lines().filter(|line| line.starts_with('{')).map(parsed).collect();
    assert_eq!(examples.len(), written.len());
    for (example, written) in examples.iter().zip(&written) {
        assert_eq!(example, written);
    }
    assert!(document.contains(&format!("This is version {}.", written[0]["schema"])));
}

#[test]
fn every_field_is_explained_where_its_event_is() {
    let document = document();
    let of_all = section(&document, "Of every event");
    for example in document.lines().filter(|line| line.starts_with('{')) {
        let example: Value = serde_json::from_str(example).unwrap();
        let own = section(&document, &format!("`{}`", example["event"].as_str().unwrap()));
        let mut fields: Vec<&String> = example.as_object().unwrap().keys().collect();
        if let Some(failure) = example["failures"].get(0) {
            fields.extend(failure.as_object().unwrap().keys());
        }
        if let Some(holder) = example.get("holder") {
            fields.extend(holder.as_object().unwrap().keys());
        }
        for field in fields {
            let row = format!("\n| `{field}` | ");
            assert!(of_all.contains(&row) || own.contains(&row), "no {field} in {own}");
        }
    }
}

/// What stands below a heading.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, after) = document.split_once(&format!("\n## {heading}\n")).unwrap();
    after.split_once("\n## ").map_or(after, |(section, _)| section)
}

/// Fails to compile when a word is added, so that whoever adds it looks here.
macro_rules! words {
    ($type:ident: $($word:ident),+) => {{
        let all = [$($type::$word),+];
        for word in all {
            match word { $($type::$word => {}),+ }
        }
        all.iter().map(word).collect::<Vec<_>>()
    }};
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn every_word_is_in_the_document() {
    let document = document();
    let reasons = words!(Unreachable: UnknownName, Refused, TimedOut, NoRoute, PermissionDenied, HostKeyUnknown,
        HostKeyChanged, Handshake, Lost, NoEngine, EngineDown, EngineDenied, NoContainer, NotRunning, Other);
    let results = words!(OperationResult: Unchanged, Changed, WouldChange, Failed);
    let failures =
        words!(FailureKind: Failed, Unreachable, TimedOut, Cancelled, NotAttempted, Usage);
    let streams = words!(Stream: Stdout, Stderr);
    for (event, words) in [
        ("unreachable", reasons),
        ("operation", results),
        ("finished", failures),
        ("line", streams),
    ] {
        let section = section(&document, &format!("`{event}`"));
        for word in words {
            assert!(section.contains(&format!("`{word}`")), "no {word} of {event}");
        }
    }
}
