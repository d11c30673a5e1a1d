//! Containers: chroot here, in a mount namespace of its own; podman, nspawn, machines and chroot on a host of the lab, for
//! real; docker and kubectl, which are no packages of Debian's that run everywhere, by stand-ins for their command lines.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, Unreachable};

use crate::conformance::all;
use crate::containers::{CHROOT, Containers, MACHINE, MAKE_TREE, NSPAWN, PODMAN};
use crate::lab::{Lab, block_on, skipped};
use crate::{sync, terminals};

/// Runs the body of a test in a process of its own, so that its mounts and its environment are its own.
///
/// Returns whether this is that process.
fn in_own_process(test: &str, launcher: &[&str], dir: &Path) -> bool {
    if std::env::var_os("DEPLOY_TEST_DIR").is_some() {
        return true;
    }
    let own = std::env::current_exe().expect("this program");
    let path = std::env::var("PATH").expect("PATH");
    let mut command = match launcher {
        [] => Command::new(&own),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&own);
            command
        }
    };
    let status = command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("DEPLOY_TEST_DIR", dir)
        .env("PATH", format!("{}:{path}", dir.join("bin").display()))
        .status()
        .expect("run this program again");
    assert!(status.success(), "{test} in {}", dir.display());
    false
}

/// Where the body of a test finds what was made for it.
fn own_dir() -> String {
    std::env::var("DEPLOY_TEST_DIR").expect("the test's directory")
}

fn host(uri: &str) -> Host {
    Hosts::parse(uri).unwrap().iter().next().unwrap().in_env(&Env::quiet())
}

/// Why a host is not reached, and the whole message.
async fn refusal(host: &Host) -> (Unreachable, String) {
    let error = host.run("true").await.unwrap_err();
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Unreachable { reason, .. } => (*reason, text),
        _ => panic!("{text}"),
    }
}

#[test]
fn chroot_here() {
    if !rustix::process::geteuid().is_root() {
        return skipped("chroot needs root");
    }
    if !Path::new("/bin/busybox").exists() {
        return skipped("there is no busybox (busybox-static) to make a tree of");
    }
    let dir = tempfile::tempdir().unwrap();
    let launcher = ["unshare", "--mount", "--propagation", "private"];
    if !in_own_process("connectors::chroot_here", &launcher, dir.path()) {
        return;
    }
    let tree = format!("{}/tree", own_dir());
    let run = |program: &str, arguments: &[&str]| {
        assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program}");
    };
    run("sh", &["-c", MAKE_TREE, "sh", &tree]);
    run("mount", &["-t", "proc", "proc", &format!("{tree}/proc")]);
    block_on(async {
        let inside = host(&format!("chroot:{tree}"));
        all(&inside).await;
        // Nothing of our own environment is in there.
        let names = inside.run("env | sed 's/=.*//' | sort | xargs").await.unwrap();
        assert_eq!(names.stdout_str().unwrap(), "HOME PATH PWD SHLVL");
        let nobody = host(&format!("chroot:nobody@{tree}"));
        assert_eq!(nobody.run("id -un").await.unwrap().stdout_str().unwrap(), "nobody");

        let (reason, text) = refusal(&host(&format!("chroot:{tree}/none"))).await;
        assert!(reason == Unreachable::NoContainer && text.contains("no such tree"), "{text}");
        let (reason, text) = refusal(&host(&format!("chroot:{tree}/etc"))).await;
        assert!(reason == Unreachable::NoContainer && text.contains("sh"), "{text}");
    });
}

/// As `docker` is called and answers, for containers that are this machine.
const DOCKER: &str = r#"#!/bin/sh
case "$1 $2 $3 $4" in
    "container inspect --format {{.State.Status}}")
        case $5 in
            app) echo running;;
            stopped) echo exited;;
            denied) echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1;;
            *) echo "Error response from daemon: No such container: $5" >&2; exit 1;;
        esac;;
    "exec -i app sh") shift 3; exec "$@";;
    "exec -it app sh") shift 3; test -t 0 || exit 1; exec "$@";;
    "exec -i -u nobody") [ "$5" = app ] || exit 1; shift 5; exec setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@";;
    *) echo "called with $*" >&2; exit 64;;
esac
"#;

/// The same for `kubectl`, which says more than it is asked, before and after.
const KUBECTL: &str = r#"#!/bin/sh
case "$*" in
    "get pod web-0 -n prod -o jsonpath={.status.phase} {.spec.containers[*].name}") echo "Running app sidecar";;
    "get pod web-1 "*) echo "Pending app";;
    "get pod "*) echo "Error from server (NotFound): pods \"$3\" not found" >&2; exit 1;;
    "exec -i web-0 -n prod -c app -- sh "*)
        shift 8
        echo "Defaulted container" >&2
        "$@"
        code=$?
        [ $code = 0 ] || echo "command terminated with exit code $code" >&2
        exit $code;;
    "exec -it web-0 -n prod -c app -- sh "*) shift 8; test -t 0 || exit 1; exec "$@";;
    *) echo "called with $*" >&2; exit 64;;
esac
"#;

#[test]
fn stand_ins() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for (name, script) in [("docker", DOCKER), ("kubectl", KUBECTL)] {
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    if !in_own_process("connectors::stand_ins", &[], dir.path()) {
        return;
    }
    block_on(async {
        let (docker, kubectl) = (host("docker:app"), host("kubectl:prod/web-0/app"));
        tokio::join!(all(&docker), all(&kubectl));
        for (uri, reason, part) in [
            ("docker:stopped", Unreachable::NotRunning, "it is exited; `docker start stopped`"),
            ("docker:none", Unreachable::NoContainer, "No such container: none; `docker ps --all`"),
            ("docker:denied", Unreachable::EngineDenied, "permission denied"),
            ("kubectl:prod/web-1", Unreachable::NotRunning, "the pod is Pending"),
            ("kubectl:web-2", Unreachable::NoContainer, "\"web-2\" not found"),
            (
                "kubectl:prod/web-0/none",
                Unreachable::NoContainer,
                "none of the pod's: app, sidecar",
            ),
        ] {
            let (found, text) = refusal(&host(uri)).await;
            assert!(found == reason && text.contains(part), "{uri}: {text}");
        }
        for host in [&docker, &kubectl] {
            let ask = cmd!("printf 'Sure? '; read answer; test \"$answer\" = yes && tty");
            let output = host.run(ask.respond("Sure? ", "yes")).await.unwrap();
            assert!(output.stdout_str().unwrap().contains("/dev/pts/"), "{output:?}");
        }
        if rustix::process::geteuid().is_root() {
            let output = host("docker:nobody@app").run("id -un").await.unwrap();
            assert_eq!(output.stdout_str().unwrap(), "nobody");
        }
    });
}

/// All at once, because most of the time passes in waiting for what was cancelled to be gone.
#[test]
fn on_a_host() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let Some(containers) = Containers::start(&lab).await else { return };
        let all = &containers;
        tokio::join!(podman(all), chroot(all), nspawn(all), machine(all));
        side_by_side(all).await;
        tokio::join!(podman_goes_away(all), machine_goes_away(all));
        containers.end().await;
    });
}

async fn podman(containers: &Containers<'_>) {
    let inside = containers.inside(PODMAN);
    all(&inside).await;
    on_terminals(containers, PODMAN, &inside).await;
    let nobody = containers.inside("podman+ssh://web1.root/nobody@box");
    assert_eq!(nobody.run("id -un").await.unwrap().stdout_str().unwrap(), "nobody");
    let (reason, text) = refusal(&containers.inside("podman+ssh://web1.root/none")).await;
    assert!(reason == Unreachable::NoContainer && text.contains("podman ps --all"), "{text}");
}

/// It ends under a command, and stays away.
async fn podman_goes_away(containers: &Containers<'_>) {
    let inside = containers.inside(PODMAN);
    let ended = inside.run("echo begun >/tmp/begun; sleep 1000");
    let kill = async {
        let wait =
            "for i in $(seq 100); do podman exec box test -e /tmp/begun && exit; done; exit 1";
        containers.outer.probe(wait).await.unwrap();
        containers.outer.run("podman kill box").await.unwrap();
    };
    let (ended, ()) = tokio::join!(ended, kill);
    let error = ended.unwrap_err();
    let ErrorKind::Unreachable { reason, detail, .. } = error.kind() else { panic!("{error}") };
    assert!(*reason == Unreachable::Lost && detail.contains("not running"), "{error}");
    let (reason, text) = refusal(&inside).await;
    assert!(reason == Unreachable::NotRunning && text.contains("podman start box"), "{text}");
}

/// As root, and through sudo.
async fn chroot(containers: &Containers<'_>) {
    let (root, deploy) =
        (containers.inside("chroot+ssh://web1.root/srv/chroot"), containers.inside(CHROOT));
    tokio::join!(all(&root), all(&deploy));
    on_terminals(containers, CHROOT, &deploy).await;
    let sudoer = containers.inside("chroot+ssh://web1.sudoer/srv/chroot");
    let (reason, text) = refusal(&sudoer).await;
    assert!(reason == Unreachable::EngineDenied && text.contains("password"), "{text}");
}

async fn nspawn(containers: &Containers<'_>) {
    let env = containers.lab.env();
    let inside = host(NSPAWN).in_env(&env);
    all(&inside).await;
    let first = inside.run("cat /proc/1/comm").await.unwrap();
    assert_eq!(first.stdout, b"(sd-stubinit)\n");
    let left = inside.run("sleep 12345 >/dev/null 2>&1 & echo $!").await.unwrap();
    let left = left.stdout_str().unwrap().to_owned();
    // Another program's connection to the same tree.
    let (reason, text) = refusal(&containers.inside(NSPAWN)).await;
    assert!(reason == Unreachable::Other && text.contains("busy"), "{text}");
    inside.run(cmd!("kill -0 {left}")).await.unwrap();
    prompts_are_answered(&inside).await;
    env.pool().close().await;
    containers.wait_for_end_of("sleep 12345").await;
    containers.wait_for_end_of("systemd-nspawn.*/srv/nspawn").await;
    // Each program has a container of its own.
    somebody_sits_there(containers, NSPAWN).await;

    let (reason, text) = refusal(&containers.inside("nspawn+ssh://web1/srv/none")).await;
    assert!(reason == Unreachable::NoContainer, "{text}");
}

async fn machine(containers: &Containers<'_>) {
    let inside = containers.inside(MACHINE);
    all(&inside).await;
    on_terminals(containers, MACHINE, &inside).await;
    let first = inside.run("cat /proc/1/comm").await.unwrap();
    assert_eq!(first.stdout, b"(sd-stubinit)\n");
}

async fn machine_goes_away(containers: &Containers<'_>) {
    containers.outer.run("machinectl terminate box").await.unwrap();
    containers.wait_for_machine("!").await;
    let (reason, text) = refusal(&containers.inside(MACHINE)).await;
    assert!(reason == Unreachable::NoContainer && text.contains("machinectl list"), "{text}");
}

/// Terminals with a person at them, and with rules.
async fn on_terminals(containers: &Containers<'_>, uri: &str, inside: &Host) {
    prompts_are_answered(inside).await;
    prompts_are_answered(&inside.as_user("nobody")).await;
    somebody_sits_there(containers, uri).await;
}

/// The whole program in front of a terminal.
async fn somebody_sits_there(containers: &Containers<'_>, uri: &str) {
    // Its number tells this container's commands from those of all others.
    let seconds = 72_000 + uri.bytes().map(u32::from).sum::<u32>();
    let (config, site) = (containers.lab.ssh_config.clone(), uri.to_owned());
    let work = move || {
        terminals::conformance(&config, &site);
        terminals::told_to_end(&config, &site, seconds);
    };
    tokio::task::spawn_blocking(work).await.unwrap();
    containers.wait_for_end_of(&format!("sleep {seconds}")).await;
}

async fn prompts_are_answered(host: &Host) {
    let secret = Secret::new("it's \"a\" $secret".to_owned());
    let ask = cmd!(
        "test -t 0 || exit 9; printf 'Sure? '; read -r answer; printf 'Password: '; read -r word; echo \"$answer, ${{#word}} letters\""
    );
    let ask = ask.respond("Sure? ", "yes").respond("Password: ", &secret);
    let output = host.timeout(Duration::from_secs(60)).run(ask).await.unwrap();
    let text = output.stdout_str().unwrap();
    assert!(text.contains("Password: yes, 16 letters"), "{host}: {text:?}");
    assert!(!text.contains(secret.expose()), "{host}: {text:?}");
    let error = host.run(cmd!("echo no room; sleep 1000").fail_on("no room")).await.unwrap_err();
    assert!(error.to_string().contains("it showed `no room`"), "{host}: {error}");
}

/// Containers of every kind in one set, with the host around them.
async fn side_by_side(containers: &Containers<'_>) {
    let env = containers.lab.env();
    let hosts = Hosts::parse(&[PODMAN, CHROOT, NSPAWN, MACHINE, "web1"].join(",")).unwrap();
    assert_eq!(hosts.len(), 5);
    let hosts = hosts.in_env(&env);
    sync::into_containers(&hosts, &containers.outer).await;
    env.finish().await;
}
