//! A host that faults are made on, by one test at a time, and the proof that a test left nothing there.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use deploy_core::{ErrorKind, ExitCode, Unreachable};

use crate::lab::{Cut, Init, Lab, block_on};

/// The host. No other test uses it.
pub(super) const HOST: &str = "fault1";

/// How long what a test left may take to be gone.
const SWEEP_LIMIT: Duration = Duration::from_secs(15);

/// The host, and connections to it that no other test shares.
pub(super) struct Site {
    lab: Lab,
    pub(super) option: String,
}

/// Runs a test within `seconds`, then checks that nothing of it is left, there or here.
pub(super) fn row(seconds: u64, test: impl AsyncFnOnce(&Site)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(lab) = Lab::with_hosts(Init::Sshd, &[HOST]) else { return };
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let option = format!("SetEnv=DEPLOY_FAULT={process}-{count}");
    let site = Site { lab, option };
    block_on(async {
        let limit = Duration::from_secs(seconds);
        tokio::time::timeout(limit, test(&site)).await.expect("the test hangs");
        site.sweep().await;
    });
}

/// An environment whose connections end with it, and which notices a silent connection within five seconds.
pub(super) fn env(lab: &Lab, option: &str) -> Env {
    lab.env().connect_settings(|settings| {
        settings.persist = Duration::ZERO;
        settings.connect_timeout = Duration::from_secs(5);
        settings
            .ssh_options
            .extend([option, "ServerAliveInterval=1", "ServerAliveCountMax=4"].map(str::to_owned));
    })
}

impl Site {
    pub(super) fn env(&self) -> Env {
        env(&self.lab, &self.option)
    }

    /// The host as the user `deploy`, by a connection of its own run.
    pub(super) fn host(&self) -> Host {
        Host::ssh(HOST).in_env(&self.env())
    }

    pub(super) fn ssh_config(&self) -> &Path {
        &self.lab.ssh_config
    }

    /// Cuts the host off until the result is dropped.
    pub(super) fn cut(&self) -> Cut<'_> {
        self.lab.cut(HOST)
    }

    pub(super) fn crash(&self) {
        self.lab.xtask(&["crash", HOST]);
    }

    /// Boots the host again after a crash.
    pub(super) fn boot(&self) {
        self.lab.xtask(&["up", "--init", "sshd", HOST]);
    }

    /// What root sees on the host, by a way that no fault of the network touches.
    #[track_caller]
    pub(super) fn inside(&self, script: &str) -> String {
        self.lab.inside(HOST, script)
    }

    /// The way to the host, as its ssh_config has it.
    pub(super) fn proxy_command(&self) -> String {
        let mut ssh = Command::new("ssh");
        let output = ssh.arg("-F").arg(&self.lab.ssh_config).args(["-G", HOST]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("proxycommand "));
        line.expect("a ProxyCommand").to_owned()
    }

    /// The processes here that belong to the test's connections.
    pub(super) fn masters(&self) -> Vec<String> {
        let output = Command::new("pgrep").args(["-f", "--", &self.option]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// Kills them.
    pub(super) fn kill_masters(&self) {
        let masters = self.masters();
        assert!(!masters.is_empty());
        assert!(Command::new("kill").arg("-KILL").args(masters).status().unwrap().success());
    }

    /// Starts something as root on the host, by that other way.
    pub(super) fn start(&self, words: &[&str]) -> Child {
        let mut command = Command::new(self.lab.program());
        command.args(["lab", "exec", HOST]).args(words).spawn().unwrap()
    }

    /// What is on the host that was not there when it had booted.
    fn left(&self) -> String {
        let processes = self.inside("ps -eo user=,args=");
        let foreign = |line: &&str| !line.contains("[listener]") && !line.contains("ps -eo");
        let mut left: Vec<String> = processes.lines().filter(foreign).map(str::to_owned).collect();
        left.extend(self.temporary_files().lines().map(str::to_owned));
        left.join("\n")
    }

    /// Files whose names say that they were to be there for a moment.
    pub(super) fn temporary_files(&self) -> String {
        self.inside(r"find /home /root /tmp /var/tmp /mnt /srv -name '.deploy.*' -o -name 'tmp.*'")
    }

    /// What runs there for us, apart from sshd.
    pub(super) fn users_processes(&self) -> String {
        self.inside("ps -u deploy -o args= | grep -v '^sshd:'; true")
    }

    async fn sweep(&self) {
        wait_for_at_most(SWEEP_LIMIT, "the end of our ssh processes", async || {
            self.masters().is_empty()
        })
        .await;
        let deadline = Instant::now() + SWEEP_LIMIT;
        while !self.left().is_empty() {
            assert!(Instant::now() < deadline, "left on the host:\n{}", self.left());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A directory with a file of this many bytes between two small ones.
pub(super) fn tree(large: u64) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in ["a", "z"] {
        std::fs::write(directory.path().join(name), "new\n").unwrap();
    }
    File::create(directory.path().join("large")).unwrap().set_len(large).unwrap();
    directory
}

pub(super) async fn wait_for(what: &str, condition: impl AsyncFnMut() -> bool) {
    wait_for_at_most(Duration::from_secs(15), what, condition).await;
}

async fn wait_for_at_most(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Why a host was not reached, which exit code 3 tells as well.
#[track_caller]
pub(super) fn unreachable(error: &Error) -> Unreachable {
    assert_eq!(error.exit_code(), ExitCode::Unreachable, "{error}");
    match error.kind() {
        ErrorKind::Unreachable { host, reason, .. } => {
            assert_eq!(host, HOST);
            *reason
        }
        _ => panic!("{error}"),
    }
}

/// What the host said about a command that failed there.
#[track_caller]
pub(super) fn words(error: &Error) -> &str {
    assert_eq!(error.exit_code(), ExitCode::Failed, "{error}");
    match error.kind() {
        ErrorKind::Command { stderr, .. } => stderr,
        _ => panic!("{error}"),
    }
}
