//! Connections: made once, kept for the next run, told apart when they fail, made anew when they are lost.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, Unreachable};

use crate::lab::{Lab, block_on};

/// An option that changes nothing but the connection's name, so that a test begins without one.
fn own_option() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    format!("SetEnv=DEPLOY_TEST={process}-{count}")
}

fn env(lab: &Lab, option: &str, persist: Duration) -> Env {
    lab.env().connect_settings(|settings| {
        settings.ssh_options.push(option.to_owned());
        settings.persist = persist;
    })
}

/// The masters that were started with this option.
fn masters(option: &str) -> Vec<String> {
    let output = Command::new("pgrep").args(["-f", "--", option]).output().expect("pgrep runs");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

async fn wait_for(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn handshakes(host: &Host) -> u32 {
    let count =
        host.sudo().probe("grep -c 'Accepted publickey for bashsh' /var/log/sshd.log || true");
    count.await.unwrap().stdout_str().unwrap().parse().unwrap()
}

#[test]
fn the_next_run_makes_no_handshake() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let option = own_option();
        let before = handshakes(&lab.host("web2")).await;
        for _ in 0..3 {
            let env = env(&lab, &option, Duration::from_secs(30));
            let host = Host::ssh("web2.bashsh").in_env(&env);
            assert_eq!(host.run("id -un").await.unwrap().stdout_str().unwrap(), "bashsh");
            env.finish().await;
        }
        assert_eq!(handshakes(&lab.host("web2")).await, before + 1);
        assert_eq!(masters(&option).len(), 1);
    });
}

#[test]
fn two_programs_at_once_make_one_handshake() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let option = own_option();
        let runs = (0..8).map(|_| {
            let host = Host::ssh("web2").in_env(&env(&lab, &option, Duration::from_secs(10)));
            tokio::spawn(async move { host.run("true").await.map(drop) })
        });
        for run in runs.collect::<Vec<_>>() {
            run.await.unwrap().unwrap();
        }
        assert_eq!(masters(&option).len(), 1);
    });
}

#[test]
fn nothing_stays_where_nothing_is_to_stay() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let option = own_option();
        // Whether the run is finished properly or not.
        for finishes in [true, false] {
            let env = env(&lab, &option, Duration::ZERO);
            Host::ssh("web2").in_env(&env).run("true").await.unwrap();
            assert_eq!(masters(&option).len(), 1);
            if finishes {
                env.finish().await;
            }
            drop(env);
            wait_for("the master's end", async || masters(&option).is_empty()).await;
        }
    });
}

/// Each host is reported as what it is, within the connect timeout, and the one that is well finishes.
#[test]
fn what_is_wrong_is_told_apart() {
    let Some(lab) = Lab::get() else { return };
    let directory = tempfile::tempdir().unwrap();
    let known_hosts = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let other_key = directory.path().join("other");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&other_key);
    assert!(keygen.status().unwrap().success());
    let other_key = std::fs::read_to_string(other_key.with_extension("pub")).unwrap();
    let changed = known_hosts("changed", &format!("web1 {other_key}"));
    let unknown = known_hosts("unknown", "");
    let web1 = address(&lab.ssh_config, "web1");
    let config = directory.path().join("ssh_config");
    let text = format!(
        "Host silent\n  ProxyCommand sleep 300\n\
         Host refused\n  HostName 127.0.0.1\n  Port 1\n  ProxyCommand none\n\
         Host nowhere\n  HostName nosuch.invalid\n  ProxyCommand none\n\
         Host down\n  HostName 10.77.0.250\n\
         Host nokey\n  HostName {web1}\n  HostKeyAlias web1\n  User nosuchuser\n\
         Host changed\n  HostName {web1}\n  HostKeyAlias web1\n  UserKnownHostsFile {}\n\
         Host unknown\n  HostName {web1}\n  HostKeyAlias web1\n  UserKnownHostsFile {}\n\
         Include {}\n",
        changed.display(),
        unknown.display(),
        lab.ssh_config.display(),
    );
    // What comes after a Host block belongs to it, so the lab's own blocks are put behind.
    std::fs::write(&config, text.replace("Include", "Host *\nInclude")).unwrap();
    // A missing neighbour is noticed after three seconds, and asked for twice.
    let limit = Duration::from_secs(8);
    let env = Env::quiet().ssh_config(&config).connect_settings(|settings| {
        settings.connect_timeout = limit;
    });
    let hosts = Hosts::parse("silent,refused,nowhere,down,nokey,changed,unknown,web1").unwrap();
    let started = Instant::now();
    let results = block_on(hosts.in_env(&env).each(async |host: Host| host.run("echo well").await));
    assert!(started.elapsed() < limit + Duration::from_secs(3), "{:?}", started.elapsed());
    for (name, expected) in [
        ("silent", &[Unreachable::TimedOut][..]),
        ("refused", &[Unreachable::Refused]),
        ("nowhere", &[Unreachable::UnknownName]),
        ("down", &[Unreachable::NoRoute, Unreachable::TimedOut]),
        ("nokey", &[Unreachable::PermissionDenied]),
        ("changed", &[Unreachable::HostKeyChanged]),
        ("unknown", &[Unreachable::HostKeyUnknown]),
    ] {
        let error = results.get(name).unwrap().as_ref().unwrap_err();
        assert!(expected.contains(&reason(error)), "{name}: {error}");
    }
    assert_eq!(results.get("web1").unwrap().as_ref().unwrap().stdout, b"well\n");
}

/// The address that the lab's ssh_config gives a host.
fn address(ssh_config: &Path, host: &str) -> String {
    let output = Command::new("ssh").arg("-F").arg(ssh_config).args(["-G", host]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("hostname ")).expect("a hostname").to_owned()
}

/// A command whose connection is lost is reported at once and ended on the host; the next one connects anew.
#[test]
fn a_lost_connection_is_noticed_and_made_anew() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let option = own_option();
        let host = Host::ssh("web2").in_env(&env(&lab, &option, Duration::from_secs(10)));
        let file = host.run("mktemp").await.unwrap().stdout_str().unwrap().to_owned();
        let running = tokio::spawn(host.run(cmd!("sleep 300 & echo $! >{file}; wait")));
        let pid = {
            wait_for("the command's start", async || {
                !host.read_file(&*file).await.unwrap().is_empty()
            })
            .await;
            String::from_utf8(host.read_file(&*file).await.unwrap()).unwrap().trim().to_owned()
        };
        let master = masters(&option);
        assert_eq!(master.len(), 1, "{master:?}");
        assert!(Command::new("kill").args(["-KILL", &master[0]]).status().unwrap().success());
        let lost = Instant::now();
        let error = running.await.unwrap().unwrap_err();
        assert!(lost.elapsed() < Duration::from_secs(5), "{:?}", lost.elapsed());
        assert_eq!(reason(&error), Unreachable::Lost, "{error}");
        // The socket of the dead master is still there.
        wait_for("the end of what it left", async || {
            let alive =
                host.probe(cmd!("kill -0 {pid} 2>/dev/null").ok_codes([0, 1])).await.unwrap();
            !alive.success()
        })
        .await;
        let other_run = Host::ssh("web2").in_env(&env(&lab, &option, Duration::from_secs(10)));
        other_run.run("true").await.unwrap();
        assert_eq!(masters(&option).len(), 1);
        host.remove(&*file).await.unwrap();
    });
}

fn reason(error: &Error) -> Unreachable {
    match error.kind() {
        ErrorKind::Unreachable { reason, .. } => *reason,
        _ => panic!("{error}"),
    }
}

/// A master that died has left its socket, and its host is not there at first: as there is no connection, and nothing of the
/// command has been sent, that is tried again like any other connecting.
#[test]
fn a_kept_connection_that_is_gone_is_made_anew_as_often_as_said() {
    let Some(lab) = Lab::get() else { return };
    let option = own_option();
    let host = |retries| {
        let env = env(&lab, &option, Duration::from_secs(30)).connect_settings(|settings| {
            settings.connect_timeout = Duration::from_secs(2);
            settings.retries = retries;
        });
        Host::ssh("web3").in_env(&env)
    };
    let kill = || {
        let master = masters(&option);
        assert_eq!(master.len(), 1, "{master:?}");
        assert!(Command::new("kill").args(["-KILL", &master[0]]).status().unwrap().success());
    };
    block_on(async {
        let file = host(0).run("mktemp").await.unwrap().stdout_str().unwrap().to_owned();
        kill();
        let cut = lab.cut("web3");
        let error = host(0).run(cmd!("echo never >>{file}")).await.unwrap_err();
        assert!(matches!(reason(&error), Unreachable::TimedOut | Unreachable::NoRoute), "{error}");
        drop(cut);

        host(0).run("true").await.unwrap();
        kill();
        let cut = lab.cut("web3");
        let running = tokio::spawn(host(20).run(cmd!("echo once >>{file}")));
        let mut attempts = BTreeSet::new();
        wait_for("a second attempt", async || {
            attempts.extend(masters(&option));
            assert!(!running.is_finished(), "it was given up");
            attempts.len() > 1
        })
        .await;
        drop(cut);
        running.await.unwrap().unwrap();
        assert_eq!(host(0).read_file(&*file).await.unwrap(), b"once\n");
        host(0).remove(&*file).await.unwrap();
    });
}

/// A connection that was kept does not hide that its host is gone, and does not stand in the way when it is back.
#[test]
fn a_host_that_is_cut_off_is_given_up_in_time() {
    let Some(lab) = Lab::get() else { return };
    let option = own_option();
    let host = || {
        let env = env(&lab, &option, Duration::from_secs(30)).connect_settings(|settings| {
            settings.connect_timeout = Duration::from_secs(4);
            settings
                .ssh_options
                .extend(["ServerAliveInterval=1", "ServerAliveCountMax=2"].map(str::to_owned));
        });
        Host::ssh("web3").in_env(&env)
    };
    block_on(async {
        host().run("true").await.unwrap();
        let cut = lab.cut("web3");
        let started = Instant::now();
        let error = host().run("true").await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
        assert!(matches!(reason(&error), Unreachable::TimedOut | Unreachable::NoRoute), "{error}");
        drop(cut);

        let file = host().run("mktemp").await.unwrap().stdout_str().unwrap().to_owned();
        let running = tokio::spawn(host().run(cmd!("echo $$ >{file}; sleep 300")));
        wait_for("the command's start", async || {
            !host().read_file(&*file).await.unwrap().is_empty()
        })
        .await;
        let cut = lab.cut("web3");
        let started = Instant::now();
        assert_eq!(reason(&running.await.unwrap().unwrap_err()), Unreachable::Lost);
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        drop(cut);
        host().remove(&*file).await.unwrap();
    });
}

/// More commands at once than sshd allows sessions, from two runs that share a connection.
#[test]
fn commands_wait_for_their_turn() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let option = own_option();
        let hosts =
            [0, 1].map(|_| Host::ssh("web2").in_env(&env(&lab, &option, Duration::from_secs(10))));
        let runs = (0..40).map(|n: usize| {
            let host = hosts[n % 2].clone();
            tokio::spawn(async move { host.run(cmd!("sleep 0.2; echo {n}")).await })
        });
        for (n, run) in runs.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(run.await.unwrap().unwrap().stdout_str().unwrap(), n.to_string());
        }
        assert_eq!(masters(&option).len(), 1);
    });
}

#[test]
fn sudo_that_wants_a_password_says_so() {
    let Some(lab) = Lab::get() else { return };
    let error = block_on(lab.host("web1.sudoer").sudo().run("true")).unwrap_err();
    assert!(error.to_string().contains("asks for a password"), "{error}");
}
