//! Tables: what is here, what is there, and what is to be done about it.

use super::*;

fn file(path: &str, mode: u32) -> Entry {
    let kind = Kind::File { size: 1, sum: Some([1; 32]), content: None };
    Entry { path: path.into(), mode, kind, modified: 5 }
}

fn directory(path: &str) -> Entry {
    Entry { path: path.into(), mode: 0o755, kind: Kind::Directory, modified: 5 }
}

fn there(kind: ThereKind, mode: u32, sum: u8) -> There {
    There { kind, mode, size: 1, modified: 5, sum: Some([sum; 32]), ..There::default() }
}

fn plan(here: Vec<Entry>, known: Vec<(&str, There)>, all: &[&str]) -> Result<Plan, String> {
    let delete = if all.is_empty() { Delete::Nothing } else { Delete::Extra };
    let tree = Tree { root: "/".into(), mode: 0o755, entries: here };
    let entries = known.into_iter().map(|(path, there)| (path.into(), there)).collect();
    let all = all.iter().map(|path| path.as_bytes().to_vec()).collect();
    let found = Found { exists: true, entries, all, ..Found::default() };
    Plan::new(&tree, &found, &SyncOptions::new().delete(delete).exclude(["kept"]))
}

fn lines(here: Vec<Entry>, known: Vec<(&str, There)>, all: &[&str]) -> String {
    plan(here, known, all).unwrap().lines.join("; ")
}

#[test]
fn files_and_directories() {
    use ThereKind::{Directory, File, Link};
    for (here, known, expected) in [
        (file("a", 0o644), vec![("a", there(File, 0o644, 1))], ""),
        (file("a", 0o644), vec![("a", there(File, 0o600, 1))], "a: mode 0600 becomes 0644"),
        (
            file("a", 0o644),
            vec![("a", there(File, 0o644, 2))],
            "a: content changed (1 becomes 1 bytes)",
        ),
        (file("a", 0o644), vec![("a", there(Link, 0o777, 1))], "a: becomes a file"),
        (file("a", 0o644), vec![], "a: new, 1 bytes"),
        (directory("a"), vec![("a", there(Directory, 0o2755, 0))], ""),
        (directory("a"), vec![("a", there(File, 0o755, 1))], "a/: new, 0 files"),
    ] {
        assert_eq!(lines(vec![here], known, &[]), expected);
    }
    let error = plan(vec![file("a", 0o644)], vec![("a", there(Directory, 0o755, 0))], &[]);
    assert!(error.unwrap_err().contains("replaced only with Delete::Extra"));
}

#[test]
fn a_new_directory_is_moved_as_a_whole() {
    let here = || {
        vec![
            directory("a"),
            file("a/x", 0o644),
            directory("a/b"),
            file("a/b/y", 0o644),
            file("z", 0o644),
        ]
    };
    let plan = plan(here(), Vec::new(), &[]).unwrap();
    assert_eq!(plan.send, [0, 1, 2, 3, 4]);
    assert_eq!(plan.moves, BTreeMap::from([(Vec::new(), vec![b"a".to_vec(), b"z".to_vec()])]));
    assert_eq!(plan.lines, ["z: new, 1 bytes", "a/: new, 2 files"]);
}

#[test]
fn no_more_goes_than_must() {
    let same = || vec![("a", there(ThereKind::File, 0o644, 1))];
    let deleted = |all: &[&str]| {
        let plan = plan(vec![file("a", 0o644)], same(), all).unwrap();
        plan.delete
            .iter()
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(deleted(&["a", "b", "d", "d/e", "d/e/f"]), ["b", "d"]);
    assert_eq!(deleted(&["a", "d", "d/e", "d/e/kept", "d/f", "kept", "kept/g"]), ["d/f"]);
    assert_eq!(
        deleted(&["a", ".deploy.aB3dEf", ".deploy.aB3dEf/t", ".deploy.yml"]),
        [".deploy.yml"]
    );
}

#[test]
fn owners_in_the_words_of_chown() {
    let it =
        There { uid: 33, gid: 4, owner: "www".into(), group: "adm".into(), ..There::default() };
    for owner in ["www", "33", "www:adm", "33:4", ":adm", ":4", "www:"] {
        assert!(belongs_to(&it, owner), "{owner}");
    }
    for owner in ["root", "www:root", ":33", "4"] {
        assert!(!belongs_to(&it, owner), "{owner}");
    }
}
