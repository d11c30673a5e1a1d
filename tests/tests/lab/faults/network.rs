//! The network, the host and the connection go away; sshd takes no more.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;
use deploy_core::{Compare, SyncOptions, Unreachable};

use super::output::Lines;
use super::site::{HOST, Site, row, tree, unreachable, wait_for};

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
    row(60, async |site| upload_is_lost(site, || site.kill_masters()).await);
}

/// Brings a directory of two gigabytes over a smaller one, does `fault` when some of it has arrived, and expects the smaller one, which the
/// next run makes what it should be.
async fn directory_is_lost<T>(site: &Site, fault: impl FnOnce() -> T) {
    let local = tree(2 << 30);
    site.inside("mkdir /home/deploy/target; echo old >/home/deploy/target/a; chown -R deploy: /home/deploy/target");
    // Two gigabytes need not be summed first.
    let options = SyncOptions::new().compare(Compare::SizeAndTime);
    let bringing = tokio::spawn(site.host().sync_dir_with(local.path(), "target", options));
    wait_for("the unpacking's start", async || {
        let large = "find /home/deploy/target/.deploy.* -name large -size +1M || true";
        !site.inside(large).is_empty()
    })
    .await;
    let fault = fault();
    let started = Instant::now();
    let error = bringing.await.unwrap().unwrap_err();
    assert_eq!(unreachable(&error), Unreachable::Lost, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(fault);
    wait_for("the end of what it did there", async || {
        site.temporary_files().is_empty() && site.users_processes().is_empty()
    })
    .await;
    assert_eq!(site.inside("cd /home/deploy/target; ls -A; cat a"), "a\nold");
    // All of two gigabytes would take long.
    let large = File::options().write(true).open(local.path().join("large")).unwrap();
    large.set_len(1 << 20).unwrap();
    let host = site.host();
    assert!(host.sync_dir(local.path(), "target").await.unwrap().changed());
    assert!(!host.sync_dir(local.path(), "target").await.unwrap().changed());
    let there =
        site.inside("cd /home/deploy/target; ls -A; cat a z; wc -c <large; rm -r ../target");
    assert_eq!(there, "a\nlarge\nz\nnew\nnew\n1048576");
}

#[test]
fn the_link_is_cut_while_a_directory_is_brought() {
    row(60, async |site| directory_is_lost(site, || site.cut()).await);
}

#[test]
fn the_master_is_killed_while_a_directory_is_brought() {
    row(60, async |site| directory_is_lost(site, || site.kill_masters()).await);
}

/// All of it has arrived, and some of it has its name already: each file is the old or the new one.
#[test]
fn the_master_is_killed_between_two_renames() {
    row(60, async |site| {
        let local = tree(1 << 20);
        std::fs::create_dir(local.path().join("sub")).unwrap();
        std::fs::write(local.path().join("sub/b"), "new\n").unwrap();
        // A `mv` that never comes to move what is in that directory.
        site.inside(
            "mkdir -p /home/deploy/target/sub /home/deploy/bin; cd /home/deploy; echo old >target/a; echo old >target/sub/b
             printf '#!/bin/sh\ncase $PWD in */sub) touch ~/begun; while :; do sleep 1; done;; esac\nexec /bin/mv \"$@\"\n' >bin/mv
             chmod 755 bin/mv; chown -R deploy: target",
        );
        let host = site.host().env("PATH", "/home/deploy/bin:/usr/bin:/bin");
        let bringing = tokio::spawn(host.sync_dir(local.path(), "target"));
        wait_for("the second rename", async || site.inside("ls /home/deploy").contains("begun"))
            .await;
        site.kill_masters();
        let error = bringing.await.unwrap().unwrap_err();
        assert_eq!(unreachable(&error), Unreachable::Lost, "{error}");
        wait_for("the end of what it did there", async || {
            site.temporary_files().is_empty() && site.users_processes().is_empty()
        })
        .await;
        let there = "cd /home/deploy/target; find . -type f | sort; cat a z sub/b";
        assert_eq!(site.inside(there), "./a\n./large\n./sub/b\n./z\nnew\nnew\nold");
        let host = site.host();
        let change = host.sync_dir(local.path(), "target").await.unwrap();
        assert_eq!(change.diff().lines().count(), 1, "{}", change.diff());
        assert!(!host.sync_dir(local.path(), "target").await.unwrap().changed());
        assert!(site.inside(there).ends_with("new\nnew\nnew"));
        site.inside("cd /home/deploy; rm -r target bin begun");
    });
}

/// What was printed before is shown, whole and in order; its end is not taken for the command's.
async fn output_breaks_off<T>(site: &Site, fault: impl FnOnce() -> T) {
    let lines = Lines::default();
    let host = Host::ssh(HOST).in_env(&site.env().reporter(lines.clone()));
    let count = "n=1000000; while :; do n=$((n + 1)); echo \"line $n\"; done";
    let running = tokio::spawn(host.run(count));
    wait_for("a thousand lines", async || lines.count() > 1000).await;
    let fault = fault();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(unreachable(&error), Unreachable::Lost, "{error}");
    drop(fault);
    let mut shown = lines.taken();
    let last = shown.pop().unwrap();
    for (n, line) in (1_000_001..).zip(&shown) {
        assert_eq!(line, &format!("line {n}"));
    }
    assert!(format!("line {}", 1_000_001 + shown.len()).starts_with(&last), "{last}");
}

#[test]
fn the_link_is_cut_while_a_command_prints() {
    row(60, async |site| output_breaks_off(site, || site.cut()).await);
}

#[test]
fn the_master_is_killed_while_a_command_prints() {
    row(60, async |site| output_breaks_off(site, || site.kill_masters()).await);
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

/// Counts attempts to connect.
#[derive(Clone, Default)]
struct Attempts(Arc<AtomicUsize>);

impl Reporter for Attempts {
    fn event(&self, event: &Event) {
        if let EventKind::Connecting { .. } = &event.kind {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Somebody else has taken all of its places, and gives them back when we have been turned away twice.
#[test]
fn sshd_takes_no_connection_for_a_while() {
    row(60, async |site| {
        narrow_sshd(site);
        // It turns some away before all of its places are taken.
        let hold = r#"
            n=0
            while [ $n -lt 10 ]; do
                exec {fd}<>/dev/tcp/127.0.0.1/2222
                read -r line <&$fd
                case $line in SSH-*) n=$((n + 1));; *) exec {fd}>&-;; esac
            done
            touch /var/tmp/held
            while [ -e /var/tmp/held ]; do sleep 0.05; done
        "#;
        let holding = site.start(&["bash", "-c", hold]);
        wait_for("its places are taken", async || site.inside("ls /var/tmp").contains("held"))
            .await;
        let attempts = Attempts::default();
        let connect = |retries| {
            let env = site.env().reporter(attempts.clone());
            let env = env.connect_settings(|settings| settings.retries = retries);
            Host::ssh(format!("{HOST}:2222")).in_env(&env).run("echo in")
        };
        let error = connect(0).await.unwrap_err();
        assert_eq!(unreachable(&error), Unreachable::Handshake, "{error}");
        let connecting = tokio::spawn(connect(8));
        wait_for("the second try", async || attempts.0.load(Ordering::Relaxed) > 2).await;
        site.inside("rm /var/tmp/held");
        assert_eq!(connecting.await.unwrap().unwrap().stdout, b"in\n");
        assert!(holding.wait_with_output().unwrap().status.success());
        end_narrow_sshd(site);
    });
}
