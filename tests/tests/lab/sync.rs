//! Directories on hosts: what is brought is all there and nothing else, and the second time nothing is to be done.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use deploy_core::prelude::*;
use deploy_core::{Compare, Delete, Modes, SyncOptions};

use crate::lab::{Lab, block_on};

#[test]
fn on_this_machine() {
    block_on(all(&Host::local().in_env(&Env::quiet())));
}

/// Hosts with small programs, such as those of Alpine.
#[test]
fn with_busybox() {
    let directory = tempfile::tempdir().unwrap();
    let installed =
        Command::new("busybox").args(["--install", "-s"]).arg(directory.path()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return;
    }
    // `readlink` of coreutils takes any number of files, and sudo is none of busybox.
    symlink("/usr/bin/sudo", directory.path().join("sudo")).unwrap();
    let host = Host::local().in_env(&Env::quiet()).env("PATH", directory.path().to_str().unwrap());
    block_on(all(&host));
}

#[test]
fn over_ssh() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        all(&lab.host("web1")).await;
        all(&lab.host("web1").sudo()).await;
        many_hosts(&lab).await;
    });
}

async fn all(host: &Host) {
    let directory = host.temp_dir().await.unwrap();
    let host = host.cd(&directory);
    everything_arrives(&host).await;
    only_what_differs_is_sent(&host).await;
    kinds_change(&host).await;
    extra_files_go_when_told(&host).await;
    mistakes_delete_nothing(&host).await;
    owners_and_modes(&host).await;
    links_there_lead_nowhere(&host).await;
    a_dry_run_shows_it(&host).await;
    host.cd("/").remove(&directory).await.unwrap();
}

/// A directory of this machine with whatever a directory may hold.
fn strange() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let write = |name: &OsStr, content: &[u8]| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    for name in [
        "plain",
        ".hidden",
        "a b",
        "it's \"x\" $y `z`",
        "new\nline",
        "back\\slash",
        "-rf",
        "*",
        "tab\t",
    ] {
        write(name.as_ref(), name.as_bytes());
        write(format!("sub/{name}/{name}").as_ref(), b"below");
    }
    write(OsStr::from_bytes(b"not\xffutf8"), b"bytes");
    write("empty file".as_ref(), b"");
    write(format!("{}/{}", "long".repeat(40), "name".repeat(40)).as_ref(), b"long");
    write("large".as_ref(), &vec![7; (1 << 20) + 3]);
    write("program".as_ref(), b"#!/bin/sh\n");
    write("closed/file".as_ref(), b"x");
    fs::create_dir_all(root.join("empty/er")).unwrap();
    for (target, name) in [
        ("plain", "link"),
        ("nowhere at all", "dangling"),
        ("sub", "to a directory"),
        ("/etc/passwd", "sub/absolute"),
    ] {
        symlink(target, root.join(name)).unwrap();
    }
    let mode = |name: &str, mode| {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("program", 0o755);
    mode("plain", 0o640);
    mode(".hidden", 0o600);
    mode("empty", 0o711);
    mode("closed", 0o555);
    directory
}

/// What is below a directory: kinds, modes, links and contents.
async fn picture(host: &Host, path: &str) -> String {
    let host = host.cd(path).env("PATH", "/usr/bin:/bin");
    let list = host.probe(r"find . -mindepth 1 -printf '%p %y %m %l\0' | sort -z").await.unwrap();
    let sums = host.probe("find . -type f -print0 | sort -z | xargs -0r cksum").await.unwrap();
    [list.stdout, sums.stdout].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}

async fn picture_here(path: &Path) -> String {
    picture(&Host::local().in_env(&Env::quiet()), path.to_str().unwrap()).await
}

async fn everything_arrives(host: &Host) {
    let local = strange();
    let change = host.sync_dir(local.path(), "dir/deep").await.unwrap();
    assert!(change.changed());
    assert!(change.diff().contains("dir/deep/: new\n"), "{}", change.diff());
    let picture = picture(host, "dir/deep").await;
    // Links have modes of their own nowhere.
    assert_eq!(picture, picture_here(local.path()).await);
    let change = host.sync_dir(local.path(), "dir/deep").await.unwrap();
    assert!(!change.changed(), "{}", change.diff());
    let quick = SyncOptions::new().compare(Compare::SizeAndTime);
    let change = host.sync_dir_with(local.path(), "dir/deep", quick).await.unwrap();
    assert!(!change.changed(), "{}", change.diff());
    host.run("chmod 755 dir/deep/closed").await.unwrap();
    host.remove("dir").await.unwrap();
    fs::set_permissions(local.path().join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn small(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_owned();
    for (name, content) in files {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), content).unwrap();
    }
    (directory, root)
}

async fn only_what_differs_is_sent(host: &Host) {
    let (_directory, root) = small(&[("a/same", "1"), ("a/other", "1"), ("b", "1"), ("mode", "1")]);
    host.sync_dir(&root, "dir").await.unwrap();
    host.run("stat -c %i dir/a/same dir/b >inodes").await.unwrap();
    // The same size at the same time: the content decides, unless told otherwise.
    let time = fs::metadata(root.join("a/other")).unwrap().modified().unwrap();
    fs::write(root.join("a/other"), "2").unwrap();
    fs::File::options()
        .append(true)
        .open(root.join("a/other"))
        .unwrap()
        .set_modified(time)
        .unwrap();
    let quick = SyncOptions::new().compare(Compare::SizeAndTime);
    assert!(!host.sync_dir_with(&root, "dir", quick).await.unwrap().changed());
    fs::set_permissions(root.join("mode"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(root.join("a/new"), "new").unwrap();
    let change = host.sync_dir(&root, "dir").await.unwrap();
    let diff = change.diff();
    assert_eq!(
        diff,
        "dir/a/new: new, 3 bytes\ndir/a/other: content changed (1 becomes 1 bytes)\ndir/mode: mode 0644 becomes 0600\n"
    );
    assert_eq!(picture(host, "dir").await, picture_here(&root).await);
    host.run("stat -c %i dir/a/same dir/b | cmp - inodes").await.unwrap();
    // A checkout that is new has other times and nothing else.
    let touched = fs::File::options().append(true).open(root.join("b")).unwrap();
    touched.set_modified(time - std::time::Duration::from_secs(1000)).unwrap();
    assert!(!host.sync_dir(&root, "dir").await.unwrap().changed());
    host.remove("dir").await.unwrap();
}

async fn kinds_change(host: &Host) {
    let (_directory, root) = small(&[("x/file", "1"), ("y", "1"), ("z", "1")]);
    symlink("y", root.join("l")).unwrap();
    host.run("mkdir -p dir/z dir/l; echo 1 >dir/x; ln -s /etc dir/y; echo 1 >dir/z/theirs")
        .await
        .unwrap();
    let error = host.sync_dir(&root, "dir").await.unwrap_err().to_string();
    assert!(error.contains("l is a directory there and none here"), "{error}");
    assert_eq!(host.probe("cat dir/x").await.unwrap().stdout, b"1\n");
    let mirror = || SyncOptions::new().delete(Delete::Extra);
    let error = host.sync_dir_with(&root, "dir", mirror().exclude(["theirs"])).await.unwrap_err();
    assert!(
        error.to_string().contains("z is a directory there and none here, and holds"),
        "{error}"
    );
    host.sync_dir_with(&root, "dir", mirror()).await.unwrap();
    assert_eq!(picture(host, "dir").await, picture_here(&root).await);
    assert!(!host.sync_dir_with(&root, "dir", mirror()).await.unwrap().changed());
    host.remove("dir").await.unwrap();
}

async fn extra_files_go_when_told(host: &Host) {
    let (_directory, root) = small(&[("a/keep", "1"), ("cache/here", "1"), ("x.map", "1")]);
    host.sync_dir(&root, "dir").await.unwrap();
    host.run(
        "cd dir; mkdir -p old/deep/cache 'gone dir' .deploy.abcdef; \
         touch extra -- -f 'new\nline' 'gone dir/x' old/deep/cache/x old/y a/extra cache/theirs y.map .deploy.abcdef/x; ln -s /etc etc",
    )
    .await
    .unwrap();
    assert!(!host.sync_dir(&root, "dir").await.unwrap().changed());
    let options = SyncOptions::new().delete(Delete::Extra).exclude(["cache", "*.map"]);
    fs::write(root.join("x.map"), "2").unwrap();
    let change = host.sync_dir_with(&root, "dir", options.clone()).await.unwrap();
    let mut lines: Vec<&str> = change.diff().lines().collect();
    lines.sort_unstable();
    let expected = ["-f", "a/extra", "etc", "extra", "gone dir", "new?line", "old/y"]
        .map(|name| format!("dir/{name}: deleted"));
    assert_eq!(lines, expected);
    let left = host.probe("cd dir; find . ! -type d | sort").await.unwrap();
    assert_eq!(
        left.stdout_str().unwrap(),
        "./.deploy.abcdef/x\n./a/keep\n./cache/here\n./cache/theirs\n./old/deep/cache/x\n./x.map\n./y.map"
    );
    assert_eq!(host.read_file("dir/x.map").await.unwrap(), b"1");
    assert!(!host.sync_dir_with(&root, "dir", options).await.unwrap().changed());
    host.remove("dir").await.unwrap();
}

async fn mistakes_delete_nothing(host: &Host) {
    let mirror = || SyncOptions::new().delete(Delete::Extra);
    host.run("mkdir dir; touch dir/precious").await.unwrap();
    let (_directory, root) = small(&[]);
    for (local, words) in [
        (root.clone(), "is empty"),
        (root.join("nothing"), "No such file"),
        ("/etc/passwd".into(), "no directory"),
    ] {
        let error = host.sync_dir_with(&local, "dir", mirror()).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(host.name()), "{error}");
    }
    fs::write(root.join("file"), "1").unwrap();
    for path in ["/", "~", ".", "..", "dir/.."] {
        let error = host.sync_dir_with(&root, path, mirror()).await.unwrap_err().to_string();
        assert!(error.contains("would delete everything"), "{error}");
    }
    assert!(host.exists("dir/precious").await.unwrap());
    let error = host.sync_dir(&root, "dir/precious").await.unwrap_err().to_string();
    assert!(error.contains("dir/precious is no directory"), "{error}");
    host.run("ln -s nowhere dangling").await.unwrap();
    assert!(host.sync_dir(&root, "dangling").await.is_err());
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let error = host.sync_dir(&root, "dir").await.unwrap_err().to_string();
    assert!(error.contains("it is neither a file"), "{error}");
    host.run("rm -rf dir dangling").await.unwrap();
}

async fn owners_and_modes(host: &Host) {
    let (_directory, root) = small(&[("a/file", "1"), ("program", "1")]);
    fs::set_permissions(root.join("program"), fs::Permissions::from_mode(0o700)).unwrap();
    let sudo = host.sudo();
    let options = SyncOptions::new().owner("nobody").modes(Modes::Executable);
    sudo.sync_dir_with(&root, "dir", options.clone()).await.unwrap();
    let stat = "cd dir; stat -c '%n %U %a' a a/file program .";
    let stat = || async { sudo.probe(stat).await.unwrap().stdout_str().unwrap().to_owned() };
    assert_eq!(stat().await, "a nobody 755\na/file nobody 644\nprogram nobody 755\n. nobody 755");
    assert!(!sudo.sync_dir_with(&root, "dir", options).await.unwrap().changed());
    // What is replaced keeps its owner.
    fs::write(root.join("a/file"), "2").unwrap();
    let fixed = SyncOptions::new().modes(Modes::Fixed { file: 0o640, directory: 0o2750 });
    sudo.sync_dir_with(&root, "dir", fixed.clone()).await.unwrap();
    assert_eq!(stat().await, "a nobody 2750\na/file nobody 640\nprogram nobody 640\n. nobody 755");
    assert!(!sudo.sync_dir_with(&root, "dir", fixed.clone()).await.unwrap().changed());
    let change = sudo.sync_dir_with(&root, "dir", fixed.owner(":daemon")).await.unwrap();
    assert!(change.diff().contains("dir/program: owner nobody:"), "{}", change.diff());
    sudo.remove("dir").await.unwrap();
}

/// A link in the place of a directory is replaced, never followed.
async fn links_there_lead_nowhere(host: &Host) {
    let (_directory, root) = small(&[("a/b/file", "1")]);
    host.run(
        "mkdir -p dir/a outside; ln -s ../../outside dir/a/b; touch outside/precious outside/file",
    )
    .await
    .unwrap();
    host.sync_dir_with(&root, "dir", SyncOptions::new().delete(Delete::Extra)).await.unwrap();
    assert_eq!(picture(host, "dir").await, picture_here(&root).await);
    let outside = host.probe("ls outside; cat outside/file").await.unwrap();
    assert_eq!(outside.stdout_str().unwrap(), "file\nprecious");
    // The directory itself may be one.
    host.run("ln -s outside link").await.unwrap();
    host.sync_dir(&root, "link").await.unwrap();
    assert_eq!(host.read_file("outside/a/b/file").await.unwrap(), b"1");
    host.run("rm -rf dir outside link").await.unwrap();
}

async fn a_dry_run_shows_it(host: &Host) {
    let (_directory, root) =
        small(&[("text", "new\n"), ("key", "SECRET2"), ("more/x", "1"), ("more/y/z", "1")]);
    host.run(
        "mkdir dir; echo old >dir/text; printf SECRET1 >dir/key; chmod 644 dir/*; touch dir/extra",
    )
    .await
    .unwrap();
    let before = picture(host, "dir").await;
    fs::set_permissions(root.join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let env = host.in_env(&Env::quiet().dry_run());
    let dry = if host.name() == "localhost" { env } else { return };
    let mirror = SyncOptions::new().delete(Delete::Extra);
    let change = dry.sync_dir_with(&root, "dir", mirror).await.unwrap();
    assert!(change.changed());
    assert_eq!(
        change.diff(),
        "dir/key: content changed (7 becomes 7 bytes)\ndir/text: content changed (4 becomes 4 bytes)\n\
         dir/more/: new, 2 files\ndir/extra: deleted\n--- dir/text\n+++ dir/text\n@@ -1 +1 @@\n-old\n+new\n"
    );
    assert_eq!(picture(host, "dir").await, before);
    assert!(dry.sync_dir(&root, "not there").await.unwrap().changed());
    assert!(!host.exists("not there").await.unwrap());
    host.run("rm -rf dir").await.unwrap();
}

/// Containers of every kind, one of them on no container, from one reading: whatever a directory may hold, and thousands of small files. `outer` sees
/// into all of them, with tools that they do not have.
pub(crate) async fn into_containers(hosts: &Hosts, outer: &Host) {
    let tops = ["/srv/podman", "/srv/chroot", "/srv/nspawn", "/srv/machine", ""];
    // Where everybody may write, and what is seen from outside is what is there.
    let there = tops.map(|top| format!("{top}/var/synced"));
    for path in &there {
        outer.run(cmd!("mkdir -p {path} && chmod 777 {path}")).await.unwrap();
    }
    let (odd, (_directory, many)) = (strange(), small(&[("x", "1")]));
    for n in 0..3000 {
        let path = many.join(format!("d{}/{n}", n % 30));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, n.to_string()).unwrap();
    }
    let mirror = || SyncOptions::new().delete(Delete::Extra);
    for (name, local) in [("odd", odd.path()), ("many", &many)] {
        let path = format!("/var/synced/{name}");
        let sync = || hosts.sync_dir_with(local, &*path, mirror());
        assert!(sync().await.unwrap().values().all(Change::changed));
        let expected = picture_here(local).await;
        for there in &there {
            assert_eq!(picture(outer, &format!("{there}/{name}")).await, expected, "{there}");
        }
        for (host, change) in &sync().await.unwrap() {
            assert!(!change.changed(), "{host}: {}", change.diff());
        }
    }
    fs::write(many.join("d7/7"), "8").unwrap();
    fs::remove_file(many.join("d8/8")).unwrap();
    for (host, change) in &hosts.sync_dir_with(&many, "/var/synced/many", mirror()).await.unwrap() {
        let expected = "/var/synced/many/d7/7: content changed (1 becomes 1 bytes)\n/var/synced/many/d8/8: deleted\n";
        assert_eq!(change.diff(), expected, "{host}");
    }

    // Each one's own file comes back under its own name.
    hosts
        .run("id >/var/synced/own; hostname >>/var/synced/own; ls -di / >>/var/synced/own")
        .await
        .unwrap();
    let back = tempfile::tempdir().unwrap();
    hosts.get_each("/var/synced/own", back.path().join("{host}/own")).await.unwrap();
    for (host, there) in hosts.iter().zip(&there) {
        let own = back.path().join(host.name().replace('/', "_")).join("own");
        let expected = outer.read_file(format!("{there}/own")).await.unwrap();
        assert_eq!(fs::read(own).unwrap(), expected, "{host}");
    }
    let odd_again = back.path().join("{host}/large");
    hosts.get_each("/var/synced/odd/large", &odd_again).await.unwrap();
    for host in hosts {
        let path = back.path().join(host.name().replace('/', "_")).join("large");
        assert!(fs::read(path).unwrap() == fs::read(odd.path().join("large")).unwrap(), "{host}");
    }
    for path in &there {
        outer.run(cmd!("rm -rf {path}")).await.unwrap();
    }
}

async fn many_hosts(lab: &Lab) {
    let (_directory, root) = small(&[("a/1", "1"), ("b", "2")]);
    let hosts: Hosts = ["web1", "web2", "web3"].map(Host::ssh).into_iter().collect();
    let hosts = hosts.in_env(&lab.env());
    hosts.run("rm -rf synced").await.unwrap();
    hosts.get("web2").unwrap().run("mkdir synced; echo 2 >synced/b").await.unwrap();
    let changes = hosts.sync_dir(&root, "synced").await.unwrap();
    assert!(changes.values().all(Change::changed));
    for host in &hosts {
        assert_eq!(picture(host, "synced").await, picture_here(&root).await);
    }
    let changes = hosts.sync_dir(&root, "synced").await.unwrap();
    assert!(!changes.values().any(Change::changed));
    hosts.run("rm -rf synced; touch synced").await.unwrap();
    let error = hosts.sync_dir(&root, "synced").await.unwrap_err();
    assert_eq!(error.failures().count(), 3);
    hosts.run("rm synced").await.unwrap();
}
