//! `--gather`: hosts that did the same, told together.

use crate::support::{args, run};

#[test]
fn equal_output_is_shown_once_under_a_pattern() {
    let ran = run("three hello --gather").code(0);
    assert_eq!(ran.out, "web[1-3] (3 hosts)\n| hello three\n");
    assert_eq!(ran.err, "web[1-3] (3 hosts)\n! oops\n3 hosts: 3 ok\n");
    let ran = run("three hello --gather --no-prefix").code(0);
    assert_eq!(ran.out, "web[1-3] (3 hosts)\nhello three\n");
    let ran = run("web restart --gather").code(0);
    assert!(ran.out.starts_with("web[1-3] (3 hosts)\n| restarting\n"), "{ran:#?}");
}

/// Web2 prints another line than the others.
const ODD: &str = "seq 9; test ${HOST_NAME#*b} = 2 && echo odd || echo even; seq 9";

#[test]
fn different_output_stays_apart_in_the_order_of_hosts() {
    let ran = args(["web", "deploy", ODD, "--gather"]).code(0);
    let numbers: String = (1..=9).map(|n| format!("| {n}\n")).collect();
    let expected = format!(
        "web[1,3] (2 hosts): HOST_NAME={{host}}: {ODD}\n{numbers}| even\n{numbers}\
         web2 (1 host): HOST_NAME={{host}}: {ODD}\n{numbers}| odd\n{numbers}\
         web[1-3] (3 hosts): HOST_NAME={{host}}: echo second\n| second\n\
         web[1-3]: deployed\n"
    );
    assert_eq!(ran.out, expected);
    assert_eq!(ran.err, "3 hosts: 3 ok\n");
}

#[test]
fn others_are_compared_with_what_most_printed() {
    let ran = args(["web", "deploy", ODD, "--gather", "--diff"]).code(0);
    let (_, compared) = ran.out.split_once("web2 (1 host), compared with web[1,3]").unwrap();
    let (compared, _) = compared.split_once("web[1-3]").unwrap();
    let lines: Vec<&str> = compared.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["| @@ -8,5 +8,5 @@", "|  8", "|  9", "| -even", "| +odd", "|  1", "|  2"],
        "{ran:#?}"
    );
}

#[test]
fn failures_and_the_summary_are_folded_too() {
    let ran = run("three fail --gather").code(1);
    assert_eq!(ran.out, "web[1-3] (3 hosts)\n| working\n");
    assert_eq!(
        ran.err,
        "web[1-3] (3 hosts)\n! no such thing\n\
         error: three fail: web[1-3]: `echo working; echo no such thing >&2; exit 3` failed with status 3\n  no such thing\n\
         web[1-3]  failed\n\
         3 hosts: 0 ok, 3 failed\n"
    );
}

#[test]
fn changes_are_folded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("motd");
    let ran =
        args(["three", "write", path.to_str().unwrap(), "hi", "--dry-run", "--gather"]).code(4);
    assert_eq!(ran.err.matches("would change").count(), 2, "{ran:#?}");
    ran.says("web[1-3] would change").says("3 hosts: 3 ok, 3 would change");
}

#[test]
fn the_pattern_can_be_pasted_back() {
    let ran = run("web restart --gather --exclude web2").code(0);
    let pattern = ran.out.split(' ').next().unwrap();
    let again = run(&format!("web:{pattern} restart --gather --hosts {pattern}")).code(0);
    assert_eq!((pattern, &again.out), ("web[1,3]", &ran.out));
}

#[test]
fn it_is_for_people() {
    run("three hello --gather --output json").code(2).says("--gather").touched_no_host();
}
