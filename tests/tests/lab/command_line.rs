//! The command line over real hosts: what it says of those that are not reached, and what becomes of the others.

use std::process::Command;

use tests::web_system::WebSystem;

use crate::lab::Lab;

/// Three of nine hosts are not reached, each for another reason. Each is named once as what it is, the others finish, and the
/// exit code is 3.
#[test]
fn hosts_that_are_not_reached() {
    let Some(lab) = Lab::get() else { return };
    let directory = tempfile::tempdir().unwrap();
    let other_key = directory.path().join("other");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&other_key);
    assert!(keygen.status().unwrap().success());
    let public = std::fs::read_to_string(other_key.with_extension("pub")).unwrap();
    let known_hosts = directory.path().join("known_hosts");
    std::fs::write(&known_hosts, format!("queue {public}")).unwrap();
    let config = directory.path().join("ssh_config");
    let text = format!(
        "Host web3\n  HostName 127.0.0.1\n  Port 1\n  ProxyCommand none\n\
         Host db1\n  User nosuchuser\n\
         Host queue\n  HostKeyAlias queue\n  UserKnownHostsFile {}\n\
         Host *\nInclude {}\n",
        known_hosts.display(),
        lab.ssh_config.display(),
    );
    std::fs::write(&config, text).unwrap();

    let config = config.to_str().unwrap();
    let args =
        ["--ssh-config", config, "--connect-timeout", "8s", "production", "--run", "echo well"];
    let run = WebSystem::new().run(&args, &[]);

    assert_eq!(run.code, Some(3), "{run:?}");
    for host in ["lb0", "lb1", "web1", "web2", "db2", "cache"] {
        let answers =
            run.stdout.lines().filter(|line| line.starts_with(host) && line.ends_with("well"));
        assert_eq!(answers.count(), 1, "{host}: {run:?}");
    }
    for (host, reason) in [
        ("web3", "connection refused"),
        ("db1", "permission denied"),
        ("queue", "HOST KEY CHANGED"),
    ] {
        let named = run.stderr.lines().filter(|line| line.contains(host) && line.contains(reason));
        assert_eq!(named.count(), 1, "{host}: {run:?}");
    }
}

/// A command that fails on one host: host, command, status and the last lines of its standard error, and exit code 1.
#[test]
fn a_command_that_fails() {
    let Some(lab) = Lab::get() else { return };
    let config = lab.ssh_config.to_str().unwrap();
    let script = "test \"$(hostname)\" != web2 || { echo no such thing >&2; exit 7; }";
    let run =
        WebSystem::new().run(&["--ssh-config", config, "production", "web", "--run", script], &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in ["web2", "status 7", "no such thing"] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
    assert!(!run.stderr.contains("web1: `"), "{run:?}");
}
