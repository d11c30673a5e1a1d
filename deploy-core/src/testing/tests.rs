//! What a recorder answers and records.

use super::*;
use crate::command::{Cmd, Output};
use crate::error::ErrorKind;
use crate::hosts::{Host, Hosts};
use crate::operation::{Operation, Plan};

#[test]
fn a_pattern_may_leave_the_context_out() {
    let rule =
        |pattern: &str| Rule { host: None, pattern: pattern.to_owned(), reply: Reply::status(0) };
    let command = "sudo: cd=/srv: A='x y': systemctl start web";
    assert!(rule("systemctl *").fits(command));
    assert!(rule("sudo: *").fits(command));
    assert!(!rule("systemctl").fits(command));
    assert!(rule("echo a: b").fits("echo a: b"));
}

#[tokio::test]
async fn the_first_rule_wins() {
    let recorder = Recorder::new().on("id *", "first").on("id -u", "second");
    let host = Host::ssh("web1").in_env(&recorder.env());
    assert_eq!(host.run("id -u").await.unwrap().stdout, b"first");
}

/// No terminal is needed, of ours or of anybody's.
#[tokio::test]
async fn terminals_are_recorded() {
    let recorder = Recorder::new()
        .on("passwd ada", "New password: \r\nRetype new password: ")
        .on("passwd bob", "New password: New password: ");
    let host = Host::ssh("web1").in_env(&recorder.env());
    host.as_user("postgres").interactive("psql").await.unwrap();
    host.sudo().cd("/etc").shell().await.unwrap();
    let set = |cmd: Cmd| {
        let secret = crate::Secret::new("hunter2".to_owned());
        host.run(cmd.respond("New password: ", &secret).respond("Retype new password: ", secret))
    };
    set(Cmd::raw("passwd ada")).await.unwrap();
    let error = set(Cmd::raw("passwd bob")).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "web1: `passwd bob` was ended: it asked `New password:` again after the answer was given"
    );
    let asked = ["user=postgres: psql", "sudo: cd=/etc: shell", "passwd ada", "passwd bob"];
    assert_eq!(recorder.commands("web1"), asked);

    let dry = host.in_env(&recorder.env().dry_run());
    dry.interactive("psql").await.unwrap();
    assert_eq!(recorder.commands("web1").len(), asked.len());
    for (cmd, part) in [
        (Cmd::raw("cat").respond("a", "b").stdin("x"), "standard input"),
        (Cmd::raw("cat").respond("", "b"), "an empty prompt"),
        (Cmd::raw("cat").respond("a", "b\nc"), "one line"),
    ] {
        let error = host.run(cmd).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let error = host.interactive(Cmd::raw("cat").respond("a", "b")).await.unwrap_err();
    assert!(error.to_string().contains("is for `run`"), "{error}");
}

#[tokio::test]
async fn strict_names_the_host_and_the_command() {
    let recorder = Recorder::new().on("true", "").strict();
    let host = Host::ssh("web1").in_env(&recorder.env());
    host.run("true").await.unwrap();
    let error = host.run("false").await.unwrap_err();
    assert_eq!(error.to_string(), "web1: no rule of the strict recorder fits `false`");
}

/// Something that is there or is made.
struct Thing(&'static str);

impl Operation for Thing {
    type State = bool;

    fn describe(&self) -> String {
        format!("thing {}", self.0)
    }
    fn inspect(&self) -> Cmd {
        Cmd::raw("look 'at it' && exit")
    }
    fn parse(&self, output: &Output) -> crate::Result<bool> {
        Ok(output.stdout_str()? == "there")
    }
    fn plan(&self, there: &bool) -> crate::Result<Plan> {
        let make = || Plan::nothing().step(format!("make {}", self.0), Cmd::raw("make"));
        Ok(if *there { Plan::nothing() } else { make() })
    }
}

#[tokio::test]
async fn operations_see_what_they_are_told() {
    let recorder = Recorder::new()
        .on("make c", Reply::status(2).stderr("no rule"))
        .state_on("web1", "thing a", "there")
        .state("thing *", "missing");
    let host = Host::ssh("web1").in_env(&recorder.env()).cd("/srv").prefix("true").umask(0o77);
    let change = host.ensure_all([Thing("a"), Thing("b")]).await.unwrap();
    assert!(change.changed());
    let asked = recorder.commands("web1");
    assert!(asked[0].ends_with("inspect 2 operations"), "{asked:?}");
    assert!(asked[1].ends_with("make b"), "{asked:?}");
    let error = host.ensure_all([Thing("c"), Thing("b")]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Command { stderr, .. } if stderr == "no rule"));

    let host = Host::ssh("web1").in_env(&Recorder::new().env());
    let error = host.ensure(Thing("a")).await.unwrap_err().to_string();
    assert!(error.contains("does not know what `thing a` sees"), "{error}");
}

#[tokio::test]
async fn a_host_can_be_unreachable() {
    let recorder = Recorder::new().on_host("web2", "*", Reply::unreachable(Unreachable::Refused));
    let hosts = Hosts::parse("web[1-2]").unwrap().in_env(&recorder.env());
    let error = hosts.run("true").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unreachable { host, .. } if host == "web2"));
    assert_eq!(recorder.all_commands().len(), 2);
}
