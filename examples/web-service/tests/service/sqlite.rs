//! Visits in a file: over restarts, between processes, and when the file is no good.

use std::fs;
use std::thread;

use crate::server::{Server, Starting, command};

#[test]
fn visits_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command(dir.path()));
    assert_eq!((server.visit(), server.visit()), (1, 2));
    assert_eq!(server.stop().0.code(), Some(0));
    assert_eq!(Server::start(&mut command(dir.path())).visit(), 3);
}

#[test]
fn two_processes_count_into_one_file() {
    const EACH: u64 = 40;
    let dir = tempfile::tempdir().unwrap();
    // Both find no file and make the table at once.
    let servers = [(); 2].map(|()| Server::spawn(&mut command(dir.path())));
    let servers = servers.map(Starting::listening);
    let mut seen: Vec<u64> = thread::scope(|scope| {
        let visitors: Vec<_> = [0, 1, 0, 1]
            .map(|index: usize| &servers[index])
            .into_iter()
            .map(|server| scope.spawn(|| (0..EACH).map(|_| server.visit()).collect::<Vec<_>>()))
            .collect();
        visitors.into_iter().flat_map(|visitor| visitor.join().unwrap()).collect()
    });
    seen.sort_unstable();
    assert_eq!(seen, (1..=4 * EACH).collect::<Vec<_>>());
}

#[test]
fn a_file_that_cannot_be_used_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("text.db"), "This is no database, only text. ".repeat(40)).unwrap();
    for file in ["text.db", "missing/visits.db"] {
        let server = Server::spawn(command(dir.path()).env("DATABASE", format!("sqlite:{file}")));
        let (status, log) = server.end();
        assert_eq!(status.code(), Some(1), "{log}");
        let expected = format!("web-service: cannot use the database sqlite:{file}: ");
        assert!(log.starts_with(&expected), "{log}");
    }
}

#[test]
fn a_file_that_was_replaced_is_used_again_after_one_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command(dir.path()));
    assert_eq!((server.visit(), server.visit()), (1, 2));
    fs::remove_file(dir.path().join("visits.db")).unwrap();
    assert_eq!(server.get("/").status, 503);
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(server.visit(), 1);
}
