//! Rollouts and failures on real hosts: what is not attempted leaves no trace, and who is cut off is left out.

use std::time::Duration;

use deploy_core::event::FailureKind;
use deploy_core::prelude::*;
use deploy_core::{OnError, RemotePath};
use tests::web_system::WebSystem;

use crate::lab::{Lab, block_on};

#[test]
fn what_is_not_attempted_leaves_no_trace() {
    let Some(lab) = Lab::get() else { return };
    let config = lab.ssh_config.to_str().unwrap();
    let mark = format!("/tmp/rollout-{}", std::process::id());
    let script = format!("touch {mark}; test \"$(hostname)\" != web1");
    let rollout = ["production", "web", "--run", &script, "--batch", "1", "--max-fail", "1"];
    let run = WebSystem::new().run(&[&["--ssh-config", config], &rollout[..]].concat(), &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("web2: not attempted, because a host failed before it"), "{run:?}");
    block_on(async {
        let mark = RemotePath::new(&mark);
        assert!(lab.host("web1").exists(mark.clone()).await.unwrap());
        assert!(!lab.host("web2").exists(mark.clone()).await.unwrap());
        lab.host("web1").remove(mark).await.unwrap();
    });
}

#[test]
fn equal_output_of_hosts_is_told_together() {
    let Some(lab) = Lab::get() else { return };
    let config = lab.ssh_config.to_str().unwrap();
    let script = "id -un; test \"$(hostname)\" != web2 || echo odd";
    let args = ["--ssh-config", config, "production", "web", "--run", script, "--gather"];
    let run = WebSystem::new().run(&args, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let user = run.stdout.lines().find_map(|line| line.strip_prefix("| ")).unwrap();
    assert_eq!(
        run.stdout,
        format!("db1,web[1,3] (3 hosts)\n| {user}\nweb2 (1 host)\n| {user}\n| odd\n"),
        "{run:?}"
    );
}

#[test]
fn a_host_that_is_cut_off_is_left_out_and_the_others_go_on() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let env = lab.env().on_error(OnError::Continue);
        let hosts = Hosts::parse("web[1-3]").unwrap().in_env(&env);
        assert_eq!(hosts.run("true").await.unwrap().len(), 3);
        let cut = lab.cut("web2");
        let left = hosts.timeout(Duration::from_secs(2)).run("echo on").await.unwrap();
        let names: Vec<&str> = left.iter().map(|(host, _)| host.name()).collect();
        assert_eq!(names, ["web1", "web3"]);
        drop(cut);
        // It is there again, and stays left out: it has missed a step.
        assert_eq!(hosts.run("echo on").await.unwrap().len(), 2);
        let failures = env.left_out();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!(failures[0].host.as_deref(), Some("web2"));
        assert!(
            matches!(failures[0].kind, FailureKind::TimedOut | FailureKind::Unreachable),
            "{failures:?}"
        );
        env.finish().await;
    });
}
