//! `web-system staging`, for real on this machine: from nothing to a page, a second time without a change, and away again.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use tests::web_system::WebSystem;

/// The answer to a request, or nothing when nobody listens.
fn get(port: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A port that was free a moment ago.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port().to_string()
}

/// Processes whose program or directory is below `home`.
fn processes_of(home: &str) -> Vec<String> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter(|entry| {
            ["exe", "cwd"].iter().any(|link| {
                fs::read_link(entry.path().join(link)).is_ok_and(|target| target.starts_with(home))
            })
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn staging() {
    let system = WebSystem::new();
    let home = system.home().to_str().expect("a path of letters").to_owned();
    let port = free_port();
    let env = [("WEB_SYSTEM_PORT", port.as_str())];
    let run = |args: &[&str]| system.run(args, &env);

    let dry = run(&["staging", "deploy", "--dry-run"]);
    assert_eq!(dry.code, Some(4), "a dry run finds changes: {dry:?}");
    assert!(get(&port, "/health").is_none());
    assert_eq!(fs::read_dir(&home).expect("the home").count(), 0, "a dry run leaves nothing");

    let first = run(&["staging", "deploy"]);
    let said = first.ok();
    assert!(said.contains(&format!("http://127.0.0.1:{port}/")), "{said}");
    assert!(!said.contains("nothing changed"), "{said}");
    let page = get(&port, "/?format=text").expect("a page");
    assert!(page.contains("visits 1"), "{page}");

    let second = run(&["staging", "deploy"]);
    assert!(second.ok().contains("nothing changed"), "{second:?}");
    let page = get(&port, "/?format=text").expect("a page");
    assert!(page.contains("visits 2"), "it was not restarted, and counts on: {page}");
    let dry = run(&["staging", "deploy", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "nothing is left to change: {dry:?}");

    let status = run(&["staging", "status"]);
    assert!(status.ok().contains("running"), "{status:?}");
    let before = processes_of(&home);
    assert_eq!(before.len(), 1, "one process: {before:?}");
    let _ = run(&["staging", "web", "restart"]).ok();
    let after = processes_of(&home);
    assert!(after.len() == 1 && after != before, "{before:?} became {after:?}");

    let _ = run(&["staging", "stop"]).ok();
    assert!(get(&port, "/health").is_none());
    assert_eq!(processes_of(&home), [""; 0], "no process is left");
    let status = run(&["staging", "status"]);
    assert!(status.ok().contains("stopped"), "{status:?}");
}
