//! The network, the host and the connection go away; sshd takes no more.

use std::fs::File;
use std::time::{Duration, Instant};

use deploy_core::Unreachable;
use deploy_core::prelude::*;

use super::site::{HOST, Site, row, unreachable, wait_for};

/// On its way the handshake stops after the host's first words, so that its rest finds the link down.
#[test]
fn the_link_is_cut_in_the_middle_of_a_handshake() {
    row(60, async |site| {
        let directory = tempfile::tempdir().unwrap();
        let (begun, on) = (directory.path().join("begun"), directory.path().join("on"));
        let halt = format!(
            "{} | {{ head -c 30; touch {}; while [ ! -e {} ]; do sleep 0.02; done; exec cat; }}",
            site.proxy_command(),
            begun.display(),
            on.display(),
        );
        let env = site.env().connect_settings(|settings| {
            settings.ssh_options.push(format!("ProxyCommand={halt}"));
        });
        let connecting = tokio::spawn(Host::ssh(HOST).in_env(&env).run("true"));
        wait_for("the handshake's start", async || begun.exists()).await;
        let cut = site.cut();
        assert!(!connecting.is_finished(), "there was nothing left to cut");
        std::fs::write(&on, "").unwrap();
        let started = Instant::now();
        let reason = unreachable(&connecting.await.unwrap().unwrap_err());
        assert_eq!(reason, Unreachable::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
        drop(cut);
        site.host().run("true").await.unwrap();
    });
}

/// Uploads two gigabytes over a file, does `fault` when some of it has arrived, and expects the old file.
async fn upload_is_lost<T>(site: &Site, fault: impl FnOnce() -> T) {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("large");
    File::create(&source).unwrap().set_len(2 << 30).unwrap();
    site.inside("echo old >/home/deploy/target; chown deploy: /home/deploy/target");
    let uploading = tokio::spawn(site.host().put(&source, "target"));
    wait_for("the upload's start", async || {
        !site.inside("find /home/deploy -name '.deploy.*' -size +1M").is_empty()
    })
    .await;
    let fault = fault();
    let started = Instant::now();
    let error = uploading.await.unwrap().unwrap_err();
    assert_eq!(unreachable(&error), Unreachable::Lost, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(fault);
    wait_for("the end of the temporary file", async || site.temporary_files().is_empty()).await;
    assert_eq!(site.inside("cat /home/deploy/target; rm /home/deploy/target"), "old");
    site.host().run("true").await.unwrap();
}

#[test]
fn the_link_is_cut_while_a_file_is_uploaded() {
    row(60, async |site| upload_is_lost(site, || site.cut()).await);
}

#[test]
fn the_master_is_killed_while_a_file_is_uploaded() {
    row(60, async |site| {
        let kill = || {
            let masters = site.masters();
            assert!(!masters.is_empty());
            let mut kill = std::process::Command::new("kill");
            assert!(kill.arg("-KILL").args(masters).status().unwrap().success());
        };
        upload_is_lost(site, kill).await;
    });
}

#[test]
fn the_host_crashes_while_a_command_runs() {
    row(60, async |site| {
        let host = site.host();
        host.run("rm -f begun").await.unwrap();
        let running = tokio::spawn(host.run("touch begun; sleep 300"));
        wait_for("the command's start", async || site.inside("ls /home/deploy").contains("begun"))
            .await;
        site.crash();
        let started = Instant::now();
        let error = running.await.unwrap().unwrap_err();
        assert_eq!(unreachable(&error), Unreachable::Lost, "{error}");
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        // Where the host is gone the next command says so, and when it is back the same program goes on.
        unreachable(&host.run("true").await.unwrap_err());
        site.boot();
        assert_eq!(host.run("rm begun; echo back").await.unwrap().stdout, b"back\n");
    });
}

/// Starts a second sshd that takes little, on port 2222.
fn narrow_sshd(site: &Site) {
    site.inside(
        "/usr/sbin/sshd -p 2222 -o MaxSessions=2 -o MaxStartups=3:50:10 -o PidFile=none; \
         for i in 1 2 3 4 5 6 7 8 9; do ss -ltn | grep -q :2222 && exit; sleep 0.1; done",
    );
}

fn end_narrow_sshd(site: &Site) {
    site.inside("kill $(ps -eo pid=,args= | grep '[-]p 2222.*listener' | awk '{print $1}')");
}

#[test]
fn sshd_takes_two_sessions_on_a_connection() {
    row(60, async |site| {
        narrow_sshd(site);
        let host = Host::ssh(format!("{HOST}:2222")).in_env(&site.env());
        let run = |n: usize| {
            let host = host.clone();
            async move { (n, host.run(cmd!("echo {n}; sleep 0.2; echo {n}; echo err {n} >&2")).await) }
        };
        let runs: Vec<_> = (0..20).map(|n| tokio::spawn(run(n))).collect();
        for run in runs {
            let (n, output) = run.await.unwrap();
            let output = output.unwrap();
            assert_eq!(output.stdout_str().unwrap(), format!("{n}\n{n}"));
            assert_eq!(output.stderr_str().unwrap(), format!("err {n}"));
        }
        drop(host);
        end_narrow_sshd(site);
    });
}

#[test]
fn sshd_takes_few_connections_at_once() {
    row(60, async |site| {
        narrow_sshd(site);
        let connections = (0..8).map(|n| {
            // Eight connections and not one that is shared.
            let env = site.env().connect_settings(|settings| {
                settings.ssh_options.push(format!("SetEnv=DEPLOY_CONNECTION={n}"));
                settings.retries = 6;
            });
            let host = Host::ssh(format!("{HOST}:2222")).named(format!("host{n}")).in_env(&env);
            tokio::spawn(async move { host.run(cmd!("echo {n}")).await })
        });
        for (n, run) in connections.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(run.await.unwrap().unwrap().stdout_str().unwrap(), n.to_string());
        }
        end_narrow_sshd(site);
    });
}
