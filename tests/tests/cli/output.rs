//! What goes to which stream, in which form.

use std::os::unix::fs::PermissionsExt;

use crate::support::{ended, program, run};

#[test]
fn lines_have_their_host_in_front_and_streams_stay_apart() {
    let ran = run("local hello").code(0);
    assert_eq!(ran.out, "localhost | hello world\n");
    assert_eq!(ran.err, "localhost ! oops\n1 host: 1 ok\n");
    let ran = run("three hello --no-prefix").code(0);
    assert_eq!(ran.out, "hello three\n".repeat(3));
}

#[test]
fn no_line_is_torn_or_lost() {
    let ran = run("three count 20000").code(0);
    let mut next = [1; 3];
    for line in ran.out.lines() {
        let (host, number) = line.split_once(" | ").unwrap_or_else(|| panic!("torn: {line:?}"));
        let index: usize = host.strip_prefix("web").unwrap().parse().unwrap();
        assert_eq!(number.parse::<u32>().unwrap(), next[index - 1]);
        next[index - 1] += 1;
    }
    assert_eq!(next, [20001; 3]);
}

#[test]
fn results_are_printed_with_their_host() {
    let ran = run("web restart --output quiet").code(0);
    assert_eq!(ran.out, "web1: web1 is up\nweb2: web2 is up\nweb3: web3 is up\n");
    assert_eq!(ran.err, "");
    assert_eq!(run("local add 1 2").code(0).out, "3\n");
}

#[test]
fn json_is_objects_and_nothing_else() {
    let ran = run("web restart --output json").code(0);
    let events: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["event"], "start");
    assert_eq!(events[0]["schema"], 1);
    let line = events.iter().find(|event| event["event"] == "line").unwrap();
    assert_eq!(line["text"], "restarting");
    let result = events.iter().find(|event| event["event"] == "result").unwrap();
    assert_eq!(result["value"]["web2"], "web2 is up");
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"finished".into(), &0.into()));
    assert_eq!(ran.err, "");
}

#[test]
fn json_holds_failures_and_people_see_them_too() {
    let ran = run("local fail --output json").code(1).says("failed with status 3");
    let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["failures"][0]["host"], "localhost");
    assert_eq!(last["failures"][0]["kind"], "failed");
}

#[test]
fn a_log_holds_every_event() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    run(&format!("local hello --log {}", log.display())).code(0).prints("hello world");
    let log = crate::support::text(&log);
    assert!(log.lines().count() > 4, "{log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn runs_that_share_a_log_tear_no_line() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let start = || {
        let mut program = program();
        program.args(["three", "count", "3000", "--output", "quiet", "--log"]).arg(&log);
        program.spawn().unwrap()
    };
    let runs: Vec<_> = (0..4).map(|_| start()).collect();
    runs.into_iter().for_each(|run| drop(ended(run).code(0)));
    let mut lines = 0;
    for line in crate::support::text(&log).lines() {
        let event: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("torn: {line:?}"));
        lines += usize::from(event["event"] == "line");
    }
    assert_eq!(lines, 4 * 3 * 3000);
    let mode = std::fs::metadata(&log).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "what hosts print is nobody else's");
}

#[test]
fn what_each_host_prints_can_go_to_files() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("out");
    let name = directory.to_str().unwrap();
    let ran = run(&format!("three hello --output-dir {name}")).code(0);
    assert_eq!(ran.out.lines().count(), 3);
    let mut files: Vec<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["web1.err", "web1.out", "web2.err", "web2.out", "web3.err", "web3.out"]);
    for file in &files {
        let path = directory.join(file);
        let expected = if file.ends_with("out") { "hello three\n" } else { "oops\n" };
        assert_eq!(crate::support::text(&path), expected);
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    run(&format!("three hello --output-dir {name}"))
        .code(2)
        .says(&format!("cannot write output to `{name}`: it is not empty"))
        .touched_no_host();
    run("three hello --output-dir /nowhere/out").code(2).says("/nowhere/out").touched_no_host();
}

#[test]
fn a_pipe_gets_no_colours_unless_they_are_asked_for() {
    let colored =
        |ran: &crate::support::Ran| ran.out.contains('\u{1b}') || ran.err.contains('\u{1b}');
    assert!(!colored(&run("local hello")));
    assert!(colored(&run("local hello --color always")));
    let forced = |name: &str| {
        let mut program = program();
        program.args(["local", "hello"]).env(name, "1");
        ended(program.spawn().unwrap())
    };
    assert!(colored(&forced("CLICOLOR_FORCE")));
    assert!(!colored(&forced("NO_COLOR")));
}

#[test]
fn a_pipe_gets_the_bytes_of_the_host_as_they_are() {
    assert!(run("local draw --no-prefix").out.contains("\u{1b}[2J"));
}

#[test]
fn commands_are_shown_when_asked_for() {
    run("local add 1").code(0);
    let ran = run("local hello -v").code(0).says("localhost $ echo hello world");
    let took = ran.err.lines().find_map(|line| line.strip_prefix("localhost took ")).unwrap();
    let (seconds, command) = took.split_once(" s: ").unwrap();
    assert!(seconds.parse::<f64>().is_ok() && command.starts_with("echo hello"), "{took}");
    assert!(!run("local hello").err.contains('$'));
}
