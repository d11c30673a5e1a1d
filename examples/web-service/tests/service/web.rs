//! What a client sees: page, text, headers, health, refusals; and what an operator sees: the log,
//! exit codes, signals.

use std::net::TcpListener;

use crate::server::{Server, command};

#[test]
fn a_visit_shows_revision_host_and_count() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(command(dir.path()).env("REVISION", "<abc> & co"));

    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-host"), "web1");
    assert_eq!(page.header("x-revision"), "<abc> & co");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains("<h1>web1</h1>"), "{}", page.body);
    assert!(page.body.contains("&lt;abc&gt; &amp; co") && !page.body.contains("<abc>"));
    assert!(page.body.contains("<span id=\"visits\">1</span> visit<"), "{}", page.body);

    let text = server.request("GET", "/", &["Accept: text/plain"]);
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(text.body, "host web1\nrevision <abc> & co\nvisits 2\n");
    assert_eq!(server.get("/?format=text").body, "host web1\nrevision <abc> & co\nvisits 3\n");
}

#[test]
fn only_visits_count() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(command(dir.path()).env("REVISION", "abc"));

    let health = server.get("/health");
    assert_eq!((health.status, health.body.as_str()), (200, "ok\nrevision abc\n"));
    let head = server.request("HEAD", "/", &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(server.get("/favicon.ico").status, 404);
    let post = server.request("POST", "/", &["Content-Length: 0"]);
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
    assert_eq!(server.request("DELETE", "/nowhere", &[]).status, 405);
    for refused in [head, post] {
        assert_eq!((refused.header("x-host"), refused.header("x-revision")), ("web1", "abc"));
    }
    assert_eq!(server.visit(), 1);
}

#[test]
fn sigterm_ends_with_success_and_the_log_has_a_line_per_request() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command(dir.path()));
    server.visit();
    server.get("/nowhere");
    // A client that keeps its connection open and says nothing does not delay the end.
    let idle = std::net::TcpStream::connect(&server.address).unwrap();
    let (status, log) = server.stop();
    drop(idle);
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains(" GET \"/?format=text\" 200 "), "{log}");
    assert!(log.contains(" GET \"/nowhere\" 404 "), "{log}");
    assert!(log.ends_with("stopping on SIGTERM\nstopped\n"), "{log}");
}

#[test]
fn a_port_that_is_taken_is_an_error_before_the_database_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let server = Server::spawn(command(dir.path()).env("LISTEN", &address));
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(1));
    assert!(log.starts_with(&format!("web-service: cannot listen on {address}: ")), "{log}");
    assert!(!dir.path().join("visits.db").exists());
}

#[test]
fn the_port_is_free_again_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command(dir.path()));
    let address = server.address.clone();
    server.visit();
    assert_eq!(server.stop().0.code(), Some(0));
    let again = Server::start(command(dir.path()).env("LISTEN", &address));
    assert_eq!(again.visit(), 2);
}

#[test]
fn a_wrong_configuration_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (name, value, expected) in [
        ("LISTEN", "nowhere", "LISTEN is \"nowhere\""),
        ("DATABASE", "mysql://db1/visits", "`sqlite:` or `postgres://`"),
        ("REVISION", "two\nlines", "REVISION is \"two\\nlines\""),
    ] {
        let (status, log) = Server::spawn(command(dir.path()).env(name, value)).end();
        assert_eq!(status.code(), Some(2), "{log}");
        assert!(log.starts_with("web-service: ") && log.contains(expected), "{log}");
    }
    let output = command(dir.path()).arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for name in ["LISTEN", "DATABASE", "REVISION", "HOST_NAME", "/health"] {
        assert!(help.contains(name), "{help}");
    }
}
