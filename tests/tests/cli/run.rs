//! Running: failures, dry runs, chosen hosts, questions, exit codes.

use crate::support::{answered, args, run, text};

#[test]
fn a_failure_names_host_command_status_and_reason_once() {
    let ran = run("local fail").code(1).prints("working").says(
        "error: local fail: localhost: `echo working; echo no such thing >&2; exit 3` failed with status 3\n  no such thing\n",
    );
    assert_eq!(ran.err.matches("failed with status").count(), 1, "{ran:#?}");
    let ran = run("three fail").code(1).says("3 hosts: 0 ok, 3 failed");
    assert_eq!(ran.err.matches("failed with status 3").count(), 3, "{ran:#?}");
}

#[test]
fn an_error_of_the_program_itself_names_its_host() {
    let ran = run("web load").code(1).says("error: web load: web1: invalid digit found in string");
    assert_eq!(ran.err.matches("invalid digit").count(), 3, "{ran:#?}");
    let ran = run("web load --output json").code(1);
    let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["failures"][2]["host"], "web3", "{last}");
}

#[test]
fn an_unreachable_host_does_not_stop_the_others() {
    run("dead hello --connect-timeout 5s --connection-persist 0")
        .code(3)
        .prints("localhost | hello world")
        .says("dead: connection refused")
        .says("2 hosts: 1 ok, 1 unreachable");
}

#[test]
fn a_dry_run_shows_changes_and_makes_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("motd");
    let write = format!("local write {} hello", path.display());
    run(&format!("{write} --dry-run")).code(4).says("would change").says("+hello");
    assert!(!path.exists());
    run(&write).code(0).says("changed").says("1 host: 1 ok, 1 changed");
    assert_eq!(text(&path), "hello\n");
    run(&write).code(0).says("0 changed — nothing changed");
    run(&format!("{write} --dry-run")).code(0).says("nothing changed");
    run("local hello --dry-run").code(4).says("would run echo hello world").prints_nothing();
    std::fs::write(&path, "other\n").unwrap();
    run(&format!("{write} --diff")).code(0).says("-other").says("+hello");
}

#[test]
fn a_long_difference_is_shown_in_part_unless_all_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long").display().to_string();
    let text: String = (0..400).map(|n| format!("line {n}\n")).collect();
    let write = |more: &str| args(["local", "write", &path, &text, "--dry-run", more]).code(4);
    let ran = write("--no-prefix").says("+line 0").says("more lines (--diff shows all)");
    assert_eq!(ran.err.matches("\n    ").count(), 101, "{ran:#?}");
    let ran = write("--diff").says("+line 399");
    assert!(!ran.err.contains("shows all"), "{ran:#?}");
}

#[test]
fn a_command_can_be_run_on_the_hosts_of_a_node() {
    let ran = args(["three", "--run", "echo \"$((1 + 1))\""]).code(0);
    assert_eq!(ran.out.lines().count(), 3);
    assert!(ran.out.contains("web2 | 2\n"), "{ran:#?}");
    run("--run id").code(2).says("the root has no hosts");
    run("three --run false").code(1).says("web1: `false` failed");
    args(["three", "--run", "if then", "--sandbox"]).code(1).says("web1");
}

#[test]
fn hosts_can_be_chosen() {
    let hosts = |words: &str| -> Vec<String> {
        let out = run(words).code(0).out;
        let mut hosts: Vec<String> = out.lines().map(|line| line[..4].to_owned()).collect();
        hosts.sort();
        hosts
    };
    assert_eq!(hosts("three hello --hosts web[1-2]"), ["web1", "web2"]);
    assert_eq!(hosts("three hello --exclude web1,web2"), ["web3"]);
    assert_eq!(hosts("web restart --exclude web1 --output quiet"), ["web2", "web3"]);
    assert_eq!(hosts("web:web[2-3] restart --output quiet"), ["web2", "web3"]);
    assert_eq!(hosts("web restart --hosts web* --exclude *2 --output quiet"), ["web1", "web3"]);
}

#[test]
fn one_cell_gives_one_result() {
    assert_eq!(run("web:web2 restart --output quiet").code(0).out, "web2 is up\n");
}

#[test]
fn a_question_is_answered_from_standard_input() {
    answered("local ask", "x\n80\n").code(0).prints("port 80").says("Which port?").says("invalid");
    run("local ask").code(2).says("nobody to answer the question: Which port?");
    answered("local ask --non-interactive", "80\n").code(2).says("Which port?");
}

#[test]
fn a_confirmation_is_asked_for() {
    answered("local remove", "y\n").code(0).prints("removed").says("Really remove everything?");
    run("local remove --yes").code(0).prints("removed");
    run("local remove").code(2).says("Really remove everything?").says("--yes").prints_nothing();
    let ran = answered("local remove", "n\n").prints_nothing();
    assert_ne!(ran.code, Some(0), "{ran:#?}");
}

#[test]
fn a_shell_is_opened_on_one_host() {
    run("three --connect").code(2).says("`three` has 3 hosts").says("--hosts web1");
}

#[test]
fn a_bug_in_an_action_still_ends_in_order() {
    run("local panic")
        .code(1)
        .prints("so far")
        .says("a bug in the action: it panicked (the floor is gone)")
        .says("1 host: 1 ok");
}

#[test]
fn a_time_limit_ends_a_command() {
    run("local sleep 1000 --timeout 200ms").code(1).says("timed out after 200ms");
}

#[test]
fn a_limit_for_silence_ends_what_hangs_and_nothing_that_talks() {
    run("local sleep 1000 --idle-timeout 200ms").code(1).says("printed nothing for 200ms");
    let talks = "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.1; done";
    let words = ["local", "--run", talks, "--idle-timeout", "600ms"];
    args(words).code(0);
}

#[test]
fn a_limit_for_the_run_ends_what_runs_and_begins_nothing_more() {
    let words = ["local", "--run", "sleep 1000", "--run-timeout", "300ms"];
    args(words).code(1).says("the run's time limit of 300ms is over");
    run("local --run true --run-timeout 0").code(1).says("the run's time limit of 0ns is over");
}
