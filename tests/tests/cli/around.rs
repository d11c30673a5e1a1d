//! What a run leaves behind here, and going on from where it failed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Ran, ended, program};

/// The program with a state of its own.
struct Here(tempfile::TempDir);

impl Here {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, words: &str) -> Ran {
        let mut program = program();
        program.env("XDG_STATE_HOME", self.0.path()).args(words.split_whitespace());
        ended(program.spawn().unwrap())
    }

    fn runs(&self) -> PathBuf {
        self.0.path().join("deploy/cli_tree/runs")
    }

    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.runs()) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    fn last(&self) -> serde_json::Value {
        let files = self.files();
        serde_json::from_str(&std::fs::read_to_string(files.last().unwrap()).unwrap()).unwrap()
    }

    /// A run as another version of the program might have logged it.
    fn log(&self, name: &str, hosts: &str) {
        std::fs::create_dir_all(self.runs()).unwrap();
        let text = format!(
            r#"{{"run":"0f","who":"a@b","at":1700000000.0,"elapsed":1.0,"node":"web","action":"restart","arguments":[],"exit_code":1,"hosts":[{hosts}]}}"#
        );
        std::fs::write(self.runs().join(name), text).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_run_that_cannot_be_logged_is_no_success() {
    let here = Here::new();
    std::fs::write(here.0.path().join("deploy"), "in the way").unwrap();
    let ran = here.run("local hello").code(1).says("error: the run was not logged in `");
    assert_eq!(ran.err.matches("was not logged").count(), 1, "{ran:#?}");
    let mut homeless = program();
    homeless.env_remove("XDG_STATE_HOME").env("HOME", "/proc/nowhere").args(["local", "hello"]);
    ended(homeless.spawn().unwrap()).code(0);
}

#[test]
fn a_run_is_logged_for_the_user_alone() {
    let here = Here::new();
    here.run("dead hello").code(3);
    let run = here.last();
    assert_eq!(
        (&run["node"], &run["action"], &run["exit_code"]),
        (&"dead".into(), &"hello".into(), &3.into())
    );
    let expected = serde_json::json!([
        {"host": "dead", "outcome": "unreachable"}, {"host": "localhost", "outcome": "ok"}
    ]);
    assert_eq!(run["hosts"], expected);
    assert!(run["who"].as_str().unwrap().contains('@'));
    assert_eq!((mode(&here.files()[0]), mode(&here.runs())), (0o600, 0o700));
    here.run("local add 1 2 --double").code(0);
    assert_eq!(here.last()["arguments"], serde_json::json!(["1", "2", "--double"]));
    let count = here.files().len();
    here.run("local hello --dry-run");
    here.run("local remove").code(2);
    here.run("--list").code(0);
    assert_eq!(here.files().len(), count, "nothing began");
}

#[test]
fn only_the_last_runs_are_kept() {
    let here = Here::new();
    for n in 0..130 {
        here.log(&format!("0000000000{n:03}.000-0f.json"), "");
    }
    here.run("local hello").code(0);
    assert_eq!(here.files().len(), 100);
    assert_eq!(here.last()["node"], "local");
}

#[test]
fn only_the_hosts_that_failed_are_tried_again() {
    let here = Here::new();
    here.run("dead hello --retry-failed").code(2).says("`dead hello` has not been run from here");
    here.run("dead hello").code(3).prints("localhost | hello world");
    let ran = here.run("dead hello --retry-failed").code(3).says("again on dead, which failed at ");
    let ran = ran.says("the other hosts may lack what the action does after what failed");
    assert!(!ran.out.contains("hello world"), "{ran:#?}");
    let expected = serde_json::json!([{"host": "dead", "outcome": "unreachable"}]);
    assert_eq!(here.last()["hosts"], expected);
    here.run("dead fail --retry-failed").code(2).says("`dead fail` has not been run from here");
    here.run("local hello").code(0);
    here.run("local hello --retry-failed")
        .code(0)
        .says("nothing to retry: `local hello` succeeded at ")
        .prints_nothing();
    here.run("local --list --retry-failed").code(2).says("`--retry-failed` is for an action");
}

#[test]
fn a_command_is_tried_again_where_it_failed() {
    let here = Here::new();
    here.run("dead --run true").code(3);
    let ran = here.run("dead --run true --retry-failed").code(3).says("again on dead");
    assert!(!ran.err.contains("may lack"), "{ran:#?}");
    here.run("dead --run-with-sudo true --retry-failed").code(2).says("has not been run");
}

#[test]
fn hosts_that_the_tree_does_not_hold_any_more_are_named() {
    let here = Here::new();
    let failed = |host: &str| format!(r#"{{"host":"{host}","outcome":"failed"}}"#);
    here.log("0000000000001.000-0f.json", &failed("web9"));
    here.run("web restart --retry-failed")
        .code(2)
        .says("not there any more: web9")
        .says("the tree has changed");
    here.log("0000000000002.000-0f.json", &[failed("web9"), failed("web2")].join(","));
    let ran = here
        .run("web restart --retry-failed")
        .code(0)
        .says("failed then and not there any more: web9");
    let ran = ran.prints("web2 | restarting");
    assert!(!ran.out.contains("web1") && !ran.err.contains("may lack"), "{ran:#?}");
    here.run("web restart --retry-failed").code(0).says("nothing to retry");
}
