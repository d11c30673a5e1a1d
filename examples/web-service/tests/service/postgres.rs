//! Visits in PostgreSQL: shared by three services, and while the server is away or silent.

use std::fs;
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::postgres_server::PostgresServer;
use crate::server::{Server, Starting, command};

#[test]
fn three_services_share_one_count_from_their_first_start() {
    const EACH: u64 = 30;
    let Some(database) = PostgresServer::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let servers = ["web1", "web2", "web3"].map(|host| {
        Server::spawn(command(dir.path()).env("DATABASE", database.url()).env("HOST_NAME", host))
    });
    let servers = servers.map(Starting::listening);
    let mut seen: Vec<u64> = thread::scope(|scope| {
        let visit = |server: &Server| (0..EACH).map(|_| server.visit()).collect::<Vec<_>>();
        let visitors: Vec<_> =
            servers.iter().map(|server| scope.spawn(move || visit(server))).collect();
        visitors.into_iter().flat_map(|visitor| visitor.join().unwrap()).collect()
    });
    seen.sort_unstable();
    assert_eq!(seen, (1..=3 * EACH).collect::<Vec<_>>());
    for server in servers {
        let (status, log) = server.stop();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("does not answer"), "{log}");
    }
}

#[test]
fn a_database_that_goes_away_is_used_again_when_it_is_back() {
    let Some(mut database) = PostgresServer::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(command(dir.path()).env("DATABASE", database.url()));
    assert_eq!((server.visit(), server.visit()), (1, 2));

    database.halt();
    let refused = server.get("/");
    assert_eq!((refused.status, refused.header("x-host")), (503, "web1"));
    assert_eq!(server.get("/health").status, 503);
    assert!(!refused.body.contains("PGSQL"), "{}", refused.body);

    // A server that takes connections and says nothing: a refusal within the bound, no hang.
    let silent = UnixListener::bind(database.socket()).unwrap();
    let begin = Instant::now();
    assert_eq!(server.get("/health").status, 503);
    assert!(begin.elapsed() < Duration::from_secs(10), "took {:?}", begin.elapsed());
    drop(silent);
    fs::remove_file(database.socket()).unwrap();

    database.resume();
    assert_eq!(server.wait_for("/health", 200).status, 200);
    assert_eq!(server.visit(), 3);
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("no answer within 3 s"), "{log}");
}

#[test]
fn a_service_that_starts_before_its_database_waits_for_it() {
    let Some(mut database) = PostgresServer::start() else { return };
    database.halt();
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(command(dir.path()).env("DATABASE", database.url()));
    assert_eq!(server.get("/health").status, 503);
    database.resume();
    server.wait_for("/health", 200);
    assert_eq!(server.visit(), 1);
}
