//! Files on hosts: what is written is whole or not there at all, and looks as it did before.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use deploy_core::prelude::*;
use deploy_core::{FileKind, Stdin, WriteOptions};

use crate::lab::{Lab, block_on};

#[test]
fn on_this_machine() {
    block_on(all(&Host::local().in_env(&Env::quiet())));
}

#[test]
fn over_ssh() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        all(&lab.host("web1")).await;
        all(&lab.host("web1").sudo()).await;
    });
}

/// What passes through is not kept: the peak of a process that copies 200 MiB is that of one that copies none.
#[test]
fn large_files_take_no_memory() {
    let directory = tempfile::tempdir().unwrap();
    let here = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    File::create(here("large")).unwrap().set_len(200 << 20).unwrap();
    std::fs::create_dir(here("tree")).unwrap();
    std::fs::hard_link(here("large"), here("tree/large")).unwrap();
    let lab = Lab::get();
    let config = lab.as_ref().map(|lab| lab.ssh_config.to_str().unwrap());
    let remote = ["local".to_owned(), "web1".to_owned()];
    for host in remote.iter().take(if lab.is_some() { 2 } else { 1 }) {
        let there = format!("/tmp/large-{}", std::process::id());
        let (put, sync) = (format!("{there}/file"), format!("{there}/tree"));
        let peak = |task: &[&str]| {
            let mut driver = Command::new(env!("CARGO_BIN_EXE_bench_driver"));
            driver.args(["--hosts", host, "--memory", &here("memory")]);
            driver.args(config.iter().flat_map(|config| ["--ssh-config", config]));
            let output = driver.args(task).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::read_to_string(here("memory")).unwrap().parse::<u64>().unwrap()
        };
        let nothing = peak(&["run", &format!("mkdir {there}")]);
        for task in [
            ["put", &here("large"), &put],
            ["get", &put, &here("back")],
            ["sync", &here("tree"), &sync],
        ] {
            let more = peak(&task).saturating_sub(nothing);
            assert!(more < 16 << 10, "{task:?}: {more} KiB");
        }
        assert_eq!(std::fs::metadata(here("back")).unwrap().len(), 200 << 20);
        peak(&["run", &format!("cmp {put} {sync}/large && rm -r {there}")]);
    }
}

async fn all(host: &Host) {
    let directory = host.temp_dir().await.unwrap();
    let host = host.cd(&directory);
    bytes_come_back(&host).await;
    attributes_stay(&host).await;
    host.mkdir("fresh").await.unwrap();
    an_owner_is_not_lost(&host.cd("fresh")).await;
    a_check_decides(&host.cd("fresh")).await;
    what_is_no_file_stays(&host.cd("fresh")).await;
    an_interrupted_write_leaves_the_old_file(&host).await;
    directories(&host).await;
    copies(&host).await;
    a_dry_run_changes_nothing(&host).await;
    host.remove(&directory).await.unwrap();
    assert!(!host.cd("/").exists(&directory).await.unwrap());
}

async fn bytes_come_back(host: &Host) {
    for path in ["plain", "it's a \"name\" $x", "-dash", "ä\nö"] {
        let bytes: Vec<u8> = (0..=255).collect();
        host.write_file(path, bytes.clone()).await.unwrap();
        assert_eq!(host.read_file(path).await.unwrap(), bytes, "{path}");
    }
    host.write_file("empty", "").await.unwrap();
    assert_eq!(host.stat("empty").await.unwrap().unwrap().size, 0);
    let large = vec![b'x'; 20 << 20];
    host.write_file("large", large.clone()).await.unwrap();
    assert!(host.read_file("large").await.unwrap() == large);
    host.remove("large").await.unwrap();
    let error = host.read_file("nothing").await.unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
}

async fn attributes_stay(host: &Host) {
    host.umask(0o027).write_file("new", "x").await.unwrap();
    assert_eq!(host.stat("new").await.unwrap().unwrap().mode, 0o640);
    let options = WriteOptions::new().mode(0o4711);
    host.write_file_with("new", "y", options).await.unwrap();
    host.run("ln -s new link").await.unwrap();
    host.write_file("link", "z").await.unwrap();
    let stat = host.stat("new").await.unwrap().unwrap();
    assert_eq!((stat.mode, stat.size), (0o4711, 1));
    assert_eq!(host.read_file("new").await.unwrap(), b"z");
    let owner = host.sudo().write_file_with("theirs", "x", WriteOptions::new().owner("nobody"));
    owner.await.unwrap();
    host.sudo().write_file("theirs", "y").await.unwrap();
    assert_eq!(host.stat("theirs").await.unwrap().unwrap().owner, "nobody");
    host.sudo().remove("theirs").await.unwrap();
}

/// Who reads a file by its group reads it afterwards too, or nothing changes.
async fn an_owner_is_not_lost(host: &Host) {
    let sudo = host.sudo();
    let theirs = WriteOptions::new().owner("nobody:daemon").mode(0o660);
    sudo.write_file_with("file", "old", theirs).await.unwrap();
    let group_alone = sudo.write_file_with("file", "old", WriteOptions::new().owner(":adm"));
    group_alone.await.unwrap();
    let owner = || async {
        let stat = host.stat("file").await.unwrap().unwrap();
        (stat.owner, stat.group, stat.mode)
    };
    assert_eq!(owner().await, ("nobody".to_owned(), "adm".to_owned(), 0o660));
    let me = host.probe("id -un; id -gn").await.unwrap();
    let me = me.stdout_str().unwrap().replace('\n', ":");
    let written = host.write_file("file", "new").await;
    if me == "root:root" {
        written.unwrap();
        assert_eq!(owner().await, ("nobody".to_owned(), "adm".to_owned(), 0o660));
        host.write_file_with("file", "new", WriteOptions::new().owner("root")).await.unwrap();
        assert_eq!(owner().await, ("root".to_owned(), "adm".to_owned(), 0o660));
    } else {
        let error = written.unwrap_err().to_string();
        assert!(error.contains("file cannot belong to") && error.contains("root"), "{error}");
        assert_eq!(sudo.read_file("file").await.unwrap(), b"old");
        host.write_file_with("file", "new", WriteOptions::new().owner(me)).await.unwrap();
    }
    assert_eq!(sudo.read_file("file").await.unwrap(), b"new");
    sudo.remove("file").await.unwrap();
    host.write_file("secret", Secret::new("hunter2".to_owned())).await.unwrap();
    assert_eq!(host.stat("secret").await.unwrap().unwrap().mode, 0o600);
    host.remove("secret").await.unwrap();
    assert_eq!(
        host.probe("ls -A").await.unwrap().stdout_str().unwrap().matches(".deploy").count(),
        0
    );
}

async fn a_check_decides(host: &Host) {
    let checked = || WriteOptions::new().validate(cmd!("grep -q good conf"));
    let error = host.write_file_with("conf", "bad", checked()).await.unwrap_err().to_string();
    assert!(error.contains("the new conf did not pass this check"), "{error}");
    assert!(!host.exists("conf").await.unwrap());
    host.write_file_with("conf", "good 1", checked()).await.unwrap();
    host.run("chmod 604 conf; ln conf same").await.unwrap();
    host.write_file_with("conf", "bad", checked()).await.unwrap_err();
    assert_eq!(host.read_file("conf").await.unwrap(), b"good 1");
    // The very file is back, with all that belongs to it.
    host.run("test conf -ef same").await.unwrap();
    let slow = WriteOptions::new().validate(cmd!("sleep 60"));
    let interrupted = host.timeout(Duration::from_secs(1)).write_file_with("conf", "bad", slow);
    interrupted.await.unwrap_err();
    assert_eq!(host.read_file("conf").await.unwrap(), b"good 1");
    host.write_file_with("conf", "good 2", checked()).await.unwrap();
    assert_eq!(host.read_file("conf").await.unwrap(), b"good 2");
    assert_eq!(host.stat("conf").await.unwrap().unwrap().mode, 0o604);
    assert_eq!(host.probe("ls -A").await.unwrap().stdout, b"conf\nsame\n");
    host.run("rm conf same").await.unwrap();
}

async fn what_is_no_file_stays(host: &Host) {
    host.run("mkdir directory; ln -s directory to-directory; ln -s no/where dangling; ln -s missing new; mkfifo pipe")
        .await
        .unwrap();
    for (path, words) in [
        ("directory", "directory is a directory"),
        ("to-directory", "directory is a directory"),
        ("dangling", "dangling is a link that leads nowhere"),
        ("pipe", "pipe is no regular file"),
        ("no/where", "cannot write no/where"),
        ("/proc/new", "cannot write /proc/new"),
    ] {
        let error = host.write_file(path, "x").await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(host.name()), "{path}: {error}");
    }
    host.write_file("new", "x").await.unwrap();
    assert_eq!(host.read_file("missing").await.unwrap(), b"x");
    let left = host.probe("ls -A").await.unwrap();
    assert_eq!(left.stdout_str().unwrap(), "dangling\ndirectory\nmissing\nnew\npipe\nto-directory");
    host.run("rm -r *").await.unwrap();
}

/// The input breaks off in the middle of a write.
async fn an_interrupted_write_leaves_the_old_file(host: &Host) {
    host.write_file("precious", "old").await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("shrinks");
    std::fs::write(&source, vec![b'x'; 64 << 20]).unwrap();
    let shrinking = std::fs::OpenOptions::new().write(true).open(&source).unwrap();
    let writing = host.write_file("precious", Stdin::File(source));
    let cut = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        shrinking.set_len(1 << 20).unwrap();
    };
    let (result, ()) = tokio::join!(writing, cut);
    // Where all of it went out before the cut it is the new file, otherwise the old one.
    let found = host.read_file("precious").await.unwrap();
    match result {
        Ok(()) => assert_eq!(found.len(), 64 << 20),
        Err(_) => assert_eq!(found, b"old"),
    }
    let slow = host.write_file("precious", vec![b'x'; 200 << 20]);
    let _ = tokio::time::timeout(Duration::from_millis(150), slow).await.unwrap_err();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let left = host.probe("ls -A").await.unwrap();
        if !String::from_utf8_lossy(&left.stdout).contains(".deploy.") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "a temporary file stays");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(host.read_file("precious").await.unwrap().len() != 200 << 20);
    host.remove("precious").await.unwrap();
}

async fn directories(host: &Host) {
    host.mkdir("a/b c").await.unwrap();
    host.mkdir("a/b c").await.unwrap();
    host.write_file("a/.hidden", "").await.unwrap();
    host.run("ln -s nowhere a/link").await.unwrap();
    let entries: Vec<_> =
        host.list_dir("a").await.unwrap().into_iter().map(|it| (it.name, it.kind)).collect();
    let expected =
        [(".hidden", FileKind::File), ("b c", FileKind::Directory), ("link", FileKind::Symlink)];
    assert_eq!(entries, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert!(host.exists("a/link").await.unwrap());
    assert_eq!(host.stat("a/link").await.unwrap().unwrap().kind, FileKind::Symlink);
    assert!(host.write_file("a", "x").await.is_err());
    host.remove("a").await.unwrap();
    assert_eq!(host.stat("a").await.unwrap(), None);
    assert!(host.has_command("sh").await.unwrap());
    assert!(!host.has_command("no-such-command").await.unwrap());
    let home = host.home().await.unwrap();
    assert!(home.as_str().starts_with('/'), "{home}");
    let _ = host.addresses().await.unwrap();
}

async fn copies(host: &Host) {
    let directory = tempfile::tempdir().unwrap();
    let (there, back) = (directory.path().join("there"), directory.path().join("back"));
    let bytes: Vec<u8> = (0..=255).cycle().take(20 << 20).collect();
    std::fs::write(&there, &bytes).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&there, executable).unwrap();
    host.umask(0o022).put(&there, "copy").await.unwrap();
    assert_eq!(host.stat("copy").await.unwrap().unwrap().mode, 0o755);
    host.get("copy", &back).await.unwrap();
    assert!(std::fs::read(&back).unwrap() == bytes);
    assert!(host.get("nothing", &back).await.is_err());
    assert!(std::fs::read(&back).unwrap() == bytes);
    assert!(host.put("/nonexistent", "copy").await.is_err());
}

async fn a_dry_run_changes_nothing(host: &Host) {
    let dry = host.in_env(&Env::quiet().dry_run());
    let dry = if host.name() == "localhost" { dry } else { return };
    dry.write_file("dry", "x").await.unwrap();
    dry.mkdir("dry").await.unwrap();
    dry.remove("copy").await.unwrap();
    assert!(!host.exists("dry").await.unwrap());
    assert!(host.exists("copy").await.unwrap());
}
