//! The engine over a connector that runs a real shell and counts what it is asked.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::*;
use crate::command::{Cmd, RemotePath, Status, Stdin};
use crate::event::{Event, Reporter};
use crate::host::HostSpec;
use crate::operation::Operation;
use crate::transport::{ConnectSettings, Connection, Connector, Request, Sink, TransportError};

#[derive(Clone, Default)]
struct Shell(Arc<AtomicUsize>);

#[async_trait]
impl Connector for Shell {
    async fn connect(
        &self,
        _: &HostSpec,
        _: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Connection for Shell {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let script = String::from_utf8(request.script.clone()).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        if let Stdin::Bytes(bytes) = &request.stdin {
            stdin.write_all(bytes).unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        sink.stdout(&output.stdout);
        sink.stderr(&output.stderr);
        Ok(Status::Code(u8::try_from(output.status.code().unwrap()).unwrap()))
    }
}

/// A file that exists, in a directory that must.
struct Touch(RemotePath);

impl Operation for Touch {
    type State = bool;

    fn describe(&self) -> String {
        format!("touch {}", self.0)
    }
    fn inspect(&self) -> Cmd {
        Cmd::script("[ -e \"$1\" ] && echo yes || echo no", [&self.0])
    }
    fn parse(&self, output: &Output) -> Result<bool> {
        Ok(output.stdout_str()? == "yes")
    }
    fn plan(&self, exists: &bool) -> Result<Plan> {
        let path = &self.0;
        Ok(match exists {
            true => Plan::nothing(),
            false => Plan::nothing().step(format!("make {path}"), Cmd::script(": >\"$1\"", [path])),
        })
    }
}

/// As many lines in a file as there are entries in its directory, without the file itself.
struct Count(RemotePath);

impl Operation for Count {
    type State = (String, String);

    fn describe(&self) -> String {
        format!("count {}", self.0)
    }
    fn inspect(&self) -> Cmd {
        Cmd::script(
            "ls \"$(dirname -- \"$1\")\" | grep -c touched; cat -- \"$1\" 2>/dev/null; true",
            [&self.0],
        )
    }
    fn parse(&self, output: &Output) -> Result<(String, String)> {
        let text = output.stdout_str()?;
        let (count, now) = text.split_once('\n').unwrap_or((text, ""));
        Ok((count.trim().to_owned(), now.to_owned()))
    }
    fn plan(&self, (count, now): &(String, String)) -> Result<Plan> {
        if count == now {
            return Ok(Plan::nothing());
        }
        let write = Cmd::script("cat >\"$1\"", [&self.0]).stdin(count);
        Ok(Plan::nothing().content("count", now.as_bytes(), count.as_bytes()).step("write", write))
    }
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Reporter for Seen {
    fn event(&self, event: &Event) {
        if let EventKind::Operation { description, result, .. } = &event.kind {
            let name = description.split_once(' ').unwrap().0;
            self.0.lock().unwrap().push(format!("{name} {result:?}"));
        }
    }
}

struct Bench {
    dir: tempfile::TempDir,
    shell: Shell,
    seen: Seen,
    env: Env,
}

impl Bench {
    fn new() -> Self {
        let (shell, seen) = (Shell::default(), Seen::default());
        let env = Env::quiet().connector(Arc::new(shell.clone())).reporter(seen.clone());
        Self { dir: tempfile::tempdir().unwrap(), shell, seen, env }
    }

    fn path(&self, name: &str) -> RemotePath {
        RemotePath::new(self.dir.path().join(name).to_str().unwrap())
    }

    fn host(&self) -> Host {
        Host::local().in_env(&self.env)
    }

    fn ops(&self) -> (Touch, Count, Touch) {
        (Touch(self.path("touched")), Count(self.path("count")), Touch(self.path("touched later")))
    }

    fn round_trips(&self) -> usize {
        self.shell.0.swap(0, Ordering::Relaxed)
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.0.lock().unwrap())
    }
}

#[tokio::test]
async fn a_later_operation_sees_what_an_earlier_one_changed() {
    let bench = Bench::new();
    let change = bench.host().ensure_all(bench.ops()).await.unwrap();
    assert!(change.changed());
    assert_eq!(change.parts().len(), 3);
    assert_eq!(bench.round_trips(), 4, "one to look, and one for each step");
    assert_eq!(std::fs::read_to_string(bench.dir.path().join("count")).unwrap(), "1");
    assert_eq!(bench.seen(), ["touch Changed", "count Changed", "touch Changed"]);
}

#[tokio::test]
async fn a_converged_host_costs_one_round_trip() {
    let bench = Bench::new();
    let ops = || (Touch(bench.path("touched")), Count(bench.path("count")));
    bench.host().ensure_all(ops()).await.unwrap();
    bench.round_trips();
    let change = bench.host().ensure_all(ops()).await.unwrap();
    assert!(!change.changed());
    assert_eq!(change.diff(), "");
    assert_eq!(bench.round_trips(), 1);
}

#[tokio::test]
async fn a_dry_run_reads_and_writes_nothing() {
    let bench = Bench::new();
    let env = bench.env.clone().dry_run();
    let change = bench.host().in_env(&env).ensure_all(bench.ops()).await.unwrap();
    assert!(change.changed() && env.would_change());
    assert_eq!(bench.round_trips(), 1);
    assert_eq!(std::fs::read_dir(bench.dir.path()).unwrap().count(), 0);
    assert_eq!(bench.seen()[0], "touch WouldChange");
}

#[tokio::test]
async fn what_fails_stops_the_rest_and_says_which() {
    let bench = Bench::new();
    let ops = [Touch(bench.path("no/such/dir")), Touch(bench.path("touched"))];
    let error = bench.host().ensure_all(ops).await.unwrap_err().to_string();
    assert!(error.contains("`make ") && error.contains("no/such/dir"), "{error}");
    assert_eq!(bench.seen(), ["touch Failed"]);
    assert!(!bench.dir.path().join("touched").exists());
}

#[tokio::test]
async fn hosts_each_get_it() {
    let bench = Bench::new();
    let hosts: Hosts = [Host::local(), Host::ssh("other")].into_iter().collect();
    let changes = hosts.in_env(&bench.env).ensure(Touch(bench.path("touched"))).await.unwrap();
    assert_eq!(changes.len(), 2);
    assert!(changes.get("localhost").unwrap().changed());
}
