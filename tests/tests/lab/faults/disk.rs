//! Nowhere to write to, and a writer that is killed.

use std::fs::File;
use std::process::Command;

use deploy_core::prelude::*;
use deploy_core::{Delete, SyncOptions};

use super::child;
use super::site::{HOST, row, tree, wait_for, words};

#[test]
fn the_disk_is_full() {
    row(40, async |site| {
        site.inside(
            "mkdir -p /mnt/small; mount -t tmpfs -o size=1m,mode=1777 small /mnt/small; \
             echo old >/mnt/small/target; chown deploy: /mnt/small/target",
        );
        let host = site.host();
        let error = host.write_file("/mnt/small/target", vec![b'x'; 4 << 20]).await.unwrap_err();
        assert!(words(&error).contains("No space left on device"), "{error}");
        assert_eq!(site.inside("ls -A /mnt/small; cat /mnt/small/target"), "target\nold");
        assert!(words(&error).contains("cannot write /mnt/small/target"), "{error}");
        assert!(error.to_string().contains(HOST), "{error}");
        // A directory: nothing of it is there, not even what there was room for.
        let tree = tree(4 << 20);
        let options = SyncOptions::new().delete(Delete::Extra);
        let error = host.sync_dir_with(tree.path(), "/mnt/small", options).await.unwrap_err();
        assert!(words(&error).contains("cannot unpack in /mnt/small"), "{error}");
        assert!(words(&error).contains("No space left on device"), "{error}");
        assert_eq!(site.inside("ls -A /mnt/small; cat /mnt/small/target"), "target\nold");
        // Once there is room again it works.
        host.write_file("/mnt/small/target", "new\n").await.unwrap();
        assert_eq!(site.inside("cat /mnt/small/target"), "new");
        drop(host);
        site.inside("umount /mnt/small; rmdir /mnt/small");
    });
}

#[test]
fn the_directory_for_temporary_files_is_not_writable() {
    row(40, async |site| {
        site.inside("mount -t tmpfs -o ro none /tmp");
        let host = site.host();
        assert_eq!(host.run("echo out; echo err >&2").await.unwrap().stdout, b"out\n");
        host.run("cat <<END\nhere\nEND\n").await.unwrap();
        host.write_file("there", vec![b'x'; 1 << 20]).await.unwrap();
        assert_eq!(host.read_file("there").await.unwrap().len(), 1 << 20);
        host.sudo().write_file("there", "x").await.unwrap();
        host.sync_dir(tree(1 << 20).path(), "tree").await.unwrap();
        assert_eq!(site.inside("ls -A /home/deploy/tree"), "a\nlarge\nz");
        host.run("rm -rf there tree").await.unwrap();
        let error = host.temp_dir().await.unwrap_err();
        assert!(words(&error).contains("Read-only file system"), "{error}");
        drop(host);
        site.inside("umount /tmp");
    });
}

/// Of an sshd of its own, because the lab's holds its log open.
#[test]
fn the_root_is_read_only() {
    row(40, async |site| {
        site.inside("echo old >/home/deploy/target; chown deploy: /home/deploy/target");
        site.inside(
            "unshare --mount sh -ec 'mount --rbind / /mnt; mount -o remount,ro,bind /mnt; \
             exec chroot /mnt /usr/sbin/sshd -p 2223 -o PidFile=none'",
        );
        let host = Host::ssh(format!("{HOST}:2223")).in_env(&site.env());
        wait_for("sshd", async || site.inside("ss -ltn").contains(":2223")).await;
        assert_eq!(host.run("echo out; echo err >&2").await.unwrap().stdout, b"out\n");
        for host in [host.clone(), host.sudo()] {
            let error = host.write_file("/home/deploy/target", "new\n").await.unwrap_err();
            assert!(words(&error).contains("Read-only file system"), "{error}");
            assert!(words(&error).contains("cannot write /home/deploy/target"), "{error}");
            let error = host.sync_dir(tree(1).path(), "/home/deploy").await.unwrap_err();
            assert!(words(&error).contains("Read-only file system"), "{error}");
            assert!(words(&error).contains("/home/deploy"), "{error}");
            let error = host.mkdir("/srv/new").await.unwrap_err();
            assert!(words(&error).contains("Read-only file system"), "{error}");
        }
        drop(host);
        site.inside("kill $(ps -eo pid=,args= | grep '[-]p 2223.*listener' | awk '{print $1}')");
        assert_eq!(site.inside("cat /home/deploy/target; rm /home/deploy/target"), "old");
    });
}

#[test]
fn our_process_is_killed_while_a_file_is_uploaded() {
    row(60, async |site| {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("large");
        File::create(&source).unwrap().set_len(2 << 30).unwrap();
        site.inside("echo old >/home/deploy/target; chown deploy: /home/deploy/target");
        let mut program = child::start("upload", &site.option, &source);
        wait_for("the upload's start", async || {
            !site.inside("find /home/deploy -name '.deploy.*' -size +1M").is_empty()
        })
        .await;
        program.kill().unwrap();
        assert!(!program.wait().unwrap().success());
        wait_for("the end of what it did there", async || {
            site.temporary_files().is_empty() && site.users_processes().is_empty()
        })
        .await;
        assert_eq!(site.inside("cat /home/deploy/target; rm /home/deploy/target"), "old");
        // Nobody could end its master, which goes a minute later; the next run takes it.
        site.host().run("true").await.unwrap();
        let _ = Command::new("kill").args(site.masters()).status().unwrap();
    });
}

#[test]
fn our_process_is_killed_while_a_directory_is_brought() {
    row(60, async |site| {
        let tree = tree(2 << 30);
        site.inside("mkdir /home/deploy/target; echo old >/home/deploy/target/a; chown -R deploy: /home/deploy/target");
        let mut program = child::start("sync", &site.option, tree.path());
        wait_for("the unpacking's start", async || {
            !site
                .inside("find /home/deploy/target/.deploy.* -name large -size +1M || true")
                .is_empty()
        })
        .await;
        program.kill().unwrap();
        assert!(!program.wait().unwrap().success());
        wait_for("the end of what it did there", async || {
            site.temporary_files().is_empty() && site.users_processes().is_empty()
        })
        .await;
        assert_eq!(site.inside("cd /home/deploy/target; ls -A; cat a; rm -r ../target"), "a\nold");
        let _ = Command::new("kill").args(site.masters()).status().unwrap();
    });
}
