//! The end of everything that was begun, when the run is to end.

use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, ExitCode};

use super::site::{HOST, row, wait_for};

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
