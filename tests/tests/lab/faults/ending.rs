//! The end of everything that was begun, when the run is to end.

use std::process::Command;
use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, ExitCode};
use tests::terminal::Terminal;

use super::site::{HOST, Site, row, wait_for};
use crate::lab::Cut;
use crate::terminals::start;

#[test]
fn cancelling_through_sudo_ends_the_whole_tree() {
    row(40, async |site| {
        let env = site.env();
        let host = Host::ssh(HOST).in_env(&env);
        let running = tokio::spawn(host.sudo().run(
            "trap '' TERM; sleep 1111 & sudo -u nobody sh -c 'sleep 1112 & sleep 1113' & (sleep 1114; sleep 1115)",
        ));
        let tree = || site.inside("ps -eo user=,args= | grep '[s]leep 111'; true");
        wait_for("the whole tree", async || {
            (1111..=1114).all(|n| tree().contains(&format!("sleep {n}")))
        })
        .await;
        let started = Instant::now();
        env.cancellation().cancel();
        let error = running.await.unwrap().unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        let ErrorKind::Cancelled { detail, .. } = error.kind() else { panic!("{error}") };
        assert_eq!((error.exit_code(), &**detail), (ExitCode::Interrupted, ""));
        assert_eq!(tree(), "");
    });
}

/// The program runs a command there, and its host is cut off while it does.
fn cut_off(site: &Site) -> (Terminal, Cut<'_>) {
    // Nothing else may tell that the host is gone.
    let options = ["ServerAliveInterval=60", &site.option].map(|it| ["--ssh-option", it]).concat();
    let command = ["site", "--run", "echo be''gun; sleep 1116", "--connection-persist", "0"];
    let mut terminal = start(site.ssh_config(), HOST, &[&command, &options[..]].concat());
    terminal.shows("begun\r\n");
    let cut = site.cut();
    terminal.types("\u{3}");
    terminal.shows("once more: stop at once");
    (terminal, cut)
}

/// It is said where something may still run. The host ends it when the connection is there again to be lost.
#[test]
fn a_host_that_is_cut_off_is_named_when_the_run_is_cancelled() {
    row(60, async |site| {
        let (terminal, cut) = cut_off(site);
        let started = Instant::now();
        let ended = terminal.end();
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
        assert_eq!(ended.code, Some(130), "{}", ended.shown);
        assert!(ended.shown.contains("1 host: 0 ok, 1 cancelled"), "{}", ended.shown);
        let named = |line: &str| line.contains(HOST) && line.contains("may still run");
        assert!(ended.shown.lines().any(named), "{}", ended.shown);
        drop(cut);
    });
}

/// The second Ctrl-C waits for nobody.
#[test]
fn a_second_interruption_ends_the_program_at_once() {
    row(60, async |site| {
        let (mut terminal, cut) = cut_off(site);
        terminal.types("\u{3}");
        let ended = terminal.end();
        assert_eq!(ended.code, Some(130), "{}", ended.shown);
        assert!(ended.shown.contains("stopped; commands may still run"), "{}", ended.shown);
        assert!(!ended.shown.contains("cancelled"), "{}", ended.shown);
        drop(cut);
        // Nobody could end its master.
        let _ = Command::new("kill").args(site.masters()).status().unwrap();
    });
}
