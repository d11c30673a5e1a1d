//! Containers on a host of the lab, made for a test and taken away by it: of podman, a tree for chroot and one for nspawn, and a machine.

use std::time::{Duration, Instant};

use deploy_core::prelude::*;

use crate::lab::{Lab, skipped};

/// Makes a directory tree of nothing but busybox, with the users root and nobody.
pub(crate) const MAKE_TREE: &str = r#"
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

/// Starts one of podman. The host's root is an overlay itself, and has no control groups to give away.
const START_PODMAN: &str = r#"
mkdir -p /etc/containers
printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' \
    >/etc/containers/storage.conf
podman rm --force --time 0 box >/dev/null 2>&1
podman run --detach --name box --cgroups=disabled --network=none --ulimit nofile=20000:20000 \
    --ulimit nproc=9000:9000 --rootfs /srv/podman sh -c 'while :; do sleep 1000; done'
"#;

pub(crate) const PODMAN: &str = "podman+ssh://web1.root/box";
pub(crate) const CHROOT: &str = "chroot+ssh://web1.deploy/srv/chroot";
pub(crate) const NSPAWN: &str = "nspawn+ssh://web1/srv/nspawn";
pub(crate) const MACHINE: &str = "machine+ssh://web1/box";

/// One of each, on the host `web1`; that of nspawn begins with a connection.
pub(crate) struct Containers<'a> {
    pub(crate) lab: &'a Lab,
    /// The host around them, as root.
    pub(crate) outer: Host,
}

impl<'a> Containers<'a> {
    /// Nothing where the host runs no systemd, and so no systemd-machined.
    pub(crate) async fn start(lab: &'a Lab) -> Option<Self> {
        // podman's own books.
        lab.keeps(&[
            "/dev/shm/libpod",
            "/etc/cni/",
            "/etc/containers/",
            "/run/containers",
            "/run/crun",
        ]);
        lab.keeps(&["/run/libpod", "/var/lib/cni/", "/var/lib/containers/"]);
        let this = Self { lab, outer: lab.host("web1").sudo() };
        if this.outer.run("test -d /run/systemd/system").await.is_err() {
            skipped("web1 runs no systemd, and so no systemd-machined");
            return None;
        }
        // A test that failed may have left its own.
        this.outer
            .run("systemctl stop box; while umount /srv/chroot/proc; do :; done; true")
            .await
            .unwrap();
        for tree in ["/srv/podman", "/srv/chroot", "/srv/nspawn", "/srv/machine"] {
            this.outer.run(cmd!("sh -c {MAKE_TREE} sh {tree}")).await.unwrap();
        }
        this.outer.run("mount -t proc proc /srv/chroot/proc").await.unwrap();
        let endless = "while :; do sleep 1000; done";
        let machine = cmd!(
            "systemd-run --quiet --collect --unit=box \
             systemd-nspawn --quiet --keep-unit --as-pid2 --console=pipe --machine=box -D /srv/machine sh -c {endless}"
        );
        this.outer.run(machine).await.unwrap();
        this.outer.run(Cmd::raw(START_PODMAN)).await.unwrap();
        this.wait_for_machine("").await;
        Some(this)
    }

    /// A host that no other connection of this test belongs to.
    pub(crate) fn inside(&self, uri: &str) -> Host {
        Hosts::parse(uri).unwrap().iter().next().unwrap().in_env(&self.lab.env())
    }

    /// Waits until machined knows of the machine, or with `!` no more.
    pub(crate) async fn wait_for_machine(&self, until: &str) {
        let until = Cmd::raw(until);
        let wait = cmd!(
            "for i in $(seq 100); do {until:raw} machinectl show box >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1"
        );
        self.outer.probe(wait).await.unwrap();
    }

    /// Waits until nothing is left on the host that was started with these words, in whatever container.
    pub(crate) async fn wait_for_end_of(&self, words: &str) {
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

    /// Takes them away, whatever became of them.
    pub(crate) async fn end(self) {
        self.outer.run("machinectl terminate box 2>/dev/null || true").await.unwrap();
        self.outer.run("podman rm --force --time 0 box; umount /srv/chroot/proc").await.unwrap();
        self.wait_for_machine("!").await;
        for words in ["podman exec", "conmon", "systemd-nspawn.*/srv/nspawn"] {
            self.wait_for_end_of(words).await;
        }
        let trees =
            cmd!("rm -r --one-file-system /srv/podman /srv/chroot /srv/nspawn /srv/machine");
        self.outer.run(trees).await.unwrap();
    }
}
