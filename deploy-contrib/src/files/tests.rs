//! Tables: what is there, and what is to be done about it.

use deploy_core::{Operation, Secret};

use super::*;

fn stat(mode: u32) -> Stat {
    Stat {
        mode,
        uid: "0".to_owned(),
        gid: "0".to_owned(),
        owner: "root".to_owned(),
        group: "root".to_owned(),
        size: 1,
    }
}

fn there(mode: u32, found: Found) -> FileState {
    FileState::File { stat: stat(mode), found }
}

#[test]
fn file_table() {
    let motd = || file("/etc/motd").content("new\n").owner("root").group("0").mode(0o644);
    for (state, steps, diff) in [
        (there(0o644, Found::Same), &[][..], ""),
        (
            there(0o600, Found::Same),
            &["set attributes of /etc/motd"],
            "/etc/motd: mode 0600 becomes 0644\n",
        ),
        (
            there(0o644, Found::Content(b"old\n".to_vec())),
            &["write /etc/motd"],
            "--- /etc/motd\n+++ /etc/motd\n@@ -1 +1 @@\n-old\n+new\n",
        ),
        (there(0o644, Found::Unseen), &["write /etc/motd"], "/etc/motd: content changed\n"),
        (
            FileState::Missing,
            &["write /etc/motd"],
            "--- /etc/motd\n+++ /etc/motd\n@@ -0,0 +1 @@\n+new\n",
        ),
    ] {
        let plan = motd().plan(&state).unwrap();
        let done: Vec<&str> = plan.steps().iter().map(|step| step.description()).collect();
        assert_eq!((done.as_slice(), plan.diff().as_str()), (steps, diff), "{state:?}");
    }
    assert!(motd().plan(&FileState::Other).is_err());
}

#[test]
fn a_secret_is_in_no_command() {
    let password = file("/p").content(Secret::from("hunter2"));
    let plan = password.plan(&FileState::Missing).unwrap();
    assert_eq!(plan.diff(), "/p: <secret content changed>\n");
    assert!(!plan.commands().concat().contains("hunter2"));
    // Not even its checksum is shown: a short secret could be guessed from it.
    assert!(password.inspect().to_string().starts_with("set -- /p <secret> 0 "));
}

#[test]
fn directory_table() {
    let srv = || directory("/srv/app").owner("app").mode(0o755);
    let commands = |state: DirectoryState| srv().plan(&state).unwrap().diff();
    let mut right = stat(0o755);
    right.owner = "app".to_owned();
    assert_eq!(commands(DirectoryState::Directory(right)), "");
    assert_eq!(
        commands(DirectoryState::Directory(stat(0o755))),
        "/srv/app: owner root becomes app\n"
    );
    assert_eq!(commands(DirectoryState::Missing), "/srv/app/: new\n");
    assert!(srv().plan(&DirectoryState::Other).is_err());
}

#[test]
fn link_table() {
    let current = link("/srv/current", "releases/2");
    let diff = |state: LinkState| current.plan(&state).unwrap().diff();
    assert_eq!(diff(LinkState::To("releases/2".to_owned())), "");
    assert_eq!(
        diff(LinkState::To("releases/1".to_owned())),
        "/srv/current: releases/1 becomes releases/2\n"
    );
    assert_eq!(diff(LinkState::Missing), "/srv/current: new, to releases/2\n");
    assert!(current.plan(&LinkState::Other).is_err());
}

#[test]
fn absent_table() {
    let gone = absent("/srv/old");
    assert!(gone.plan(&false).unwrap().is_empty());
    assert_eq!(gone.plan(&true).unwrap().commands(), ["set -- /srv/old\nrm -rf -- \"$1\""]);
}
