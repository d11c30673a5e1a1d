//! A PostgreSQL server of the test's own: Debian's binaries, a private directory, one socket.
//!
//! Owns the search for the binaries and the decision what their absence means.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster in a directory that is removed with it.
pub(crate) struct PostgresServer {
    dir: TempDir,
    binaries: PathBuf,
    /// PostgreSQL refuses to run as root, so there it runs as this user and group.
    owner: Option<(u32, u32)>,
    server: Option<Child>,
}

impl PostgresServer {
    /// Makes a cluster and starts it; gives nothing, and says so, where PostgreSQL is missing.
    ///
    /// # Panics
    /// When it is missing although `DEPLOY_LAB=require` is set.
    pub(crate) fn start() -> Option<Self> {
        let Some(binaries) = newest_binaries() else {
            let required = std::env::var_os("DEPLOY_LAB").is_some_and(|value| value == "require");
            assert!(!required, "DEPLOY_LAB=require, but /usr/lib/postgresql/*/bin has no initdb");
            // Straight to stderr: the test harness would swallow what a passing test prints.
            let _ = writeln!(std::io::stderr(), "skipped: no PostgreSQL on this machine");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("visits-").tempdir().unwrap();
        let is_root = fs::metadata(dir.path()).unwrap().uid() == 0;
        let owner = is_root.then(|| (id("-u"), id("-g")));
        if let Some((user, group)) = owner {
            chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let mut cluster = Self { dir, binaries, owner, server: None };
        let initdb = cluster
            .command("initdb")
            .args(["--username=web", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--pgdata")
            .arg(cluster.dir.path().join("data"))
            .output()
            .unwrap();
        assert!(initdb.status.success(), "{}", String::from_utf8_lossy(&initdb.stderr));
        cluster.resume();
        Some(cluster)
    }

    /// The value of `DATABASE` for this cluster: the socket's directory, percent-encoded.
    pub(crate) fn url(&self) -> String {
        let dir = self.dir.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://web@{dir}/postgres")
    }

    /// The socket on which the server listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// Starts the server again and waits until it answers.
    pub(crate) fn resume(&mut self) {
        let log = fs::File::create(self.dir.path().join("log")).unwrap();
        let server = self
            .command("postgres")
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(self.dir.path())
            .arg("-D")
            .arg(self.dir.path().join("data"))
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(server);
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready() {
            let log = || fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL does not answer:\n{}", log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server and every connection to it.
    pub(crate) fn halt(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGINT is PostgreSQL's "fast" shutdown: it waits for no client.
        let _ = kill_process(Pid::from_child(&server), Signal::INT);
        let deadline = Instant::now() + PATIENCE;
        while let Ok(None) = server.try_wait() {
            if Instant::now() > deadline {
                let _ = server.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_ready(&self) -> bool {
        let mut command = self.command("pg_isready");
        command.arg("--quiet").arg("--host").arg(self.dir.path());
        command.status().is_ok_and(|status| status.success())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(self.dir.path()).env_clear().env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.halt();
    }
}

/// The binaries of the newest version that Debian's packages installed.
fn newest_binaries() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let bin = path.join("bin");
        let complete = bin.join("initdb").exists() && bin.join("postgres").exists();
        complete.then_some((version(&path)?, bin))
    });
    versions.max().map(|(_, bin)| bin)
}

/// A number of the user `nobody`, which exists everywhere and owns nothing.
fn id(which: &str) -> u32 {
    let output = Command::new("id").args([which, "nobody"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().expect("`id` prints a number")
}
