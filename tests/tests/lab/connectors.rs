//! Containers: chroot here, in a mount namespace of its own; podman, nspawn, machines and chroot on a host of the lab, for
//! real; docker and kubectl, which are no packages of Debian's that run everywhere, by stand-ins for their command lines.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, Unreachable};

use crate::conformance::all;
use crate::lab::{Lab, block_on};

/// Makes a directory tree of nothing but busybox, with the users root and nobody.
const MAKE_TREE: &str = r#"
set -e
mkdir -p "$1"; cd "$1"
mkdir -p bin dev etc proc root tmp usr
chmod 1777 tmp
[ -e bin/busybox ] || cp /bin/busybox bin/busybox
for name in $(bin/busybox --list); do [ -e "bin/$name" ] || ln -s busybox "bin/$name"; done
[ -e dev/null ] || { mknod dev/null c 1 3; mknod dev/zero c 1 5; chmod 666 dev/null dev/zero; }
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
"#;

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

#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn skipped(why: &str) {
    let required = std::env::var("DEPLOY_LAB").is_ok_and(|value| value == "require");
    assert!(!required, "DEPLOY_LAB=require, and {why}");
    eprintln!("skipped: {why}");
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
    // podman's own books.
    lab.keeps(&[
        "/dev/shm/libpod",
        "/etc/cni/",
        "/etc/containers/",
        "/run/containers",
        "/run/crun",
    ]);
    lab.keeps(&["/run/libpod", "/var/lib/cni/", "/var/lib/containers/"]);
    block_on(async {
        let at = |tree: &'static str| Place { lab: &lab, outer: lab.host("web1").sudo(), tree };
        tokio::join!(
            podman(at("/srv/podman")),
            chroot(at("/srv/chroot")),
            nspawn(at("/srv/nspawn")),
            machine(at("/srv/machine")),
        );
        let trees =
            cmd!("rm -r --one-file-system /srv/podman /srv/chroot /srv/nspawn /srv/machine");
        lab.host("web1").sudo().run(trees).await.unwrap();
    });
}

/// A host of the lab, and what a container is made of on it.
struct Place<'a> {
    lab: &'a Lab,
    outer: Host,
    tree: &'static str,
}

impl Place<'_> {
    async fn make_tree(&self) {
        self.outer.run(cmd!("sh -c {MAKE_TREE} sh {self.tree}")).await.unwrap();
    }

    fn inside(&self, uri: &str) -> Host {
        host(uri).in_env(&self.lab.env())
    }

    /// Waits until nothing is left on the host that was started with these words, in whatever container.
    async fn wait_for_end_of(&self, words: &str) {
        let list = cmd!("pgrep --list-full --full {words} || true");
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let left = self.outer.probe(list.clone()).await.unwrap();
            // The shell that asks has the words too.
            let text = String::from_utf8_lossy(&left.stdout).into_owned();
            if !text.lines().any(|line| !line.contains("_deploy")) {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {text}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn podman(place: Place<'_>) {
    place.make_tree().await;
    // The host's root is an overlay itself, and has no control groups to give away.
    let storage = "[storage]\ndriver = \"vfs\"\nrunroot = \"/run/containers/storage\"\ngraphroot = \"/var/lib/containers/storage\"\n";
    let start = r#"
        mkdir -p /etc/containers && printf %s "$1" >/etc/containers/storage.conf
        podman rm --force --time 0 box >/dev/null 2>&1
        podman run --detach --name box --cgroups=disabled --network=none --ulimit nofile=20000:20000 \
            --ulimit nproc=9000:9000 --rootfs "$2" sh -c 'while :; do sleep 1000; done'
    "#;
    place.outer.run(cmd!("sh -c {start} sh {storage} {place.tree}")).await.unwrap();
    let inside = place.inside("podman+ssh://web1.root/box");
    all(&inside).await;
    let nobody = place.inside("podman+ssh://web1.root/nobody@box");
    assert_eq!(nobody.run("id -un").await.unwrap().stdout_str().unwrap(), "nobody");

    let (reason, text) = refusal(&place.inside("podman+ssh://web1.root/none")).await;
    assert!(reason == Unreachable::NoContainer && text.contains("podman ps --all"), "{text}");

    // The container goes away under a command, and stays away.
    let ended = inside.run("echo begun >/tmp/begun; sleep 1000");
    let kill = async {
        let wait =
            "for i in $(seq 100); do podman exec box test -e /tmp/begun && exit; done; exit 1";
        place.outer.probe(wait).await.unwrap();
        place.outer.run("podman kill box").await.unwrap();
    };
    let (ended, ()) = tokio::join!(ended, kill);
    let error = ended.unwrap_err();
    let ErrorKind::Unreachable { reason, detail, .. } = error.kind() else { panic!("{error}") };
    assert!(*reason == Unreachable::Lost && detail.contains("not running"), "{error}");
    let (reason, text) = refusal(&inside).await;
    assert!(reason == Unreachable::NotRunning && text.contains("podman start box"), "{text}");
    place.outer.run("podman rm --force --time 0 box").await.unwrap();
    place.wait_for_end_of("podman exec").await;
    place.wait_for_end_of("conmon").await;
}

/// As root, and through sudo.
async fn chroot(place: Place<'_>) {
    place.make_tree().await;
    let tree = place.tree;
    place.outer.run(cmd!("mount -t proc proc {tree}/proc")).await.unwrap();
    let at = |user: &str| place.inside(&format!("chroot+ssh://web1.{user}{tree}"));
    let (root, deploy) = (at("root"), at("deploy"));
    tokio::join!(all(&root), all(&deploy));
    let (reason, text) = refusal(&at("sudoer")).await;
    assert!(reason == Unreachable::EngineDenied && text.contains("password"), "{text}");
    place.outer.run(cmd!("umount {tree}/proc")).await.unwrap();
}

async fn nspawn(place: Place<'_>) {
    place.make_tree().await;
    let env = place.lab.env();
    let uri = format!("nspawn+ssh://web1{}", place.tree);
    let inside = host(&uri).in_env(&env);
    all(&inside).await;
    let first = inside.run("cat /proc/1/comm").await.unwrap();
    assert_eq!(first.stdout, b"(sd-stubinit)\n");
    let left = inside.run("sleep 12345 >/dev/null 2>&1 & echo $!").await.unwrap();
    let left = left.stdout_str().unwrap().to_owned();
    // Another program's connection to the same tree.
    let (reason, text) = refusal(&place.inside(&uri)).await;
    assert!(reason == Unreachable::Other && text.contains("busy"), "{text}");
    inside.run(cmd!("kill -0 {left}")).await.unwrap();
    env.pool().close().await;
    place.wait_for_end_of("sleep 12345").await;
    place.wait_for_end_of("systemd-nspawn.*/srv/nspawn").await;

    let (reason, text) = refusal(&place.inside("nspawn+ssh://web1/srv/none")).await;
    assert!(reason == Unreachable::NoContainer, "{text}");
}

async fn machine(place: Place<'_>) {
    if place.outer.run("test -d /run/systemd/system").await.is_err() {
        return skipped("the host runs no systemd, and so no systemd-machined");
    }
    place.make_tree().await;
    let endless = "while :; do sleep 1000; done";
    place
        .outer
        .run(cmd!(
            "systemd-run --quiet --collect --unit=box \
             systemd-nspawn --quiet --keep-unit --as-pid2 --console=pipe --machine=box -D {place.tree} sh -c {endless}"
        ))
        .await
        .unwrap();
    let wait = |until: &str| {
        let until = Cmd::raw(until);
        let wait = cmd!(
            "for i in $(seq 100); do {until:raw} machinectl show box >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1"
        );
        place.outer.probe(wait)
    };
    wait("").await.unwrap();
    let inside = place.inside("machine+ssh://web1/box");
    all(&inside).await;
    let first = inside.run("cat /proc/1/comm").await.unwrap();
    assert_eq!(first.stdout, b"(sd-stubinit)\n");
    place.outer.run("machinectl terminate box").await.unwrap();
    wait("!").await.unwrap();
    let (reason, text) = refusal(&place.inside("machine+ssh://web1/box")).await;
    assert!(reason == Unreachable::NoContainer && text.contains("machinectl list"), "{text}");
}
