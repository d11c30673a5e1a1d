//! The lab as tests see it: theirs alone while they hold it, and left as it was found.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use deploy_core::prelude::*;

use crate::watch::Watch;

/// Tells where the lab is.
pub(crate) const VARIABLE: &str = "DEPLOY_LAB_SSH_CONFIG";

/// What one test does to a host another one would find there, so they take turns.
static ALONE: Mutex<()> = Mutex::new(());

/// Says why a test does not run, which is a failure where all must.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
pub(crate) fn skipped(why: &str) {
    let required = std::env::var("DEPLOY_LAB").is_ok_and(|value| value == "require");
    assert!(!required, "DEPLOY_LAB=require, and {why}");
    eprintln!("skipped: {why}");
}

/// What a host's process 1 is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Init {
    Sshd,
    Systemd,
}

/// A lab that is up. When it is dropped nothing of the test may be left on any of its hosts, see [`Watch`].
pub(crate) struct Lab {
    pub(crate) ssh_config: PathBuf,
    watch: Option<Watch>,
    kept: RefCell<Vec<String>>,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Lab {
    /// The lab, or nothing where there is none and none is demanded.
    pub(crate) fn get() -> Option<Self> {
        Self::with_hosts(Init::Sshd, &[])
    }

    /// The same with further hosts.
    pub(crate) fn with_hosts(init: Init, names: &[&str]) -> Option<Self> {
        let ssh_config = Self::ssh_config()?;
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = RefCell::default();
        let mut lab = Self { ssh_config, watch: None, kept, _alone: Some(alone) };
        if !names.is_empty() {
            let init = match init {
                Init::Sshd => "sshd",
                Init::Systemd => "systemd",
            };
            lab.xtask(&[&["up", "--init", init], names].concat());
        }
        lab.watch = Some(Watch::new(&lab.ssh_config));
        Some(lab)
    }

    /// The lab for a program that a test has started, which looks after what is left by both.
    pub(crate) fn of_child() -> Option<Self> {
        let ssh_config = Self::ssh_config()?;
        Some(Self { ssh_config, watch: None, kept: RefCell::default(), _alone: None })
    }

    /// Says what the test leaves on purpose, as beginnings of paths and of processes' arguments.
    pub(crate) fn keeps(&self, beginnings: &[&str]) {
        self.kept.borrow_mut().extend(beginnings.iter().map(|&it| it.to_owned()));
    }

    fn ssh_config() -> Option<PathBuf> {
        if let Some(path) = std::env::var_os(VARIABLE) {
            return Some(std::path::absolute(Path::new(&path)).expect("a path"));
        }
        skipped("there is no lab, DEPLOY_LAB_SSH_CONFIG is not set");
        None
    }

    /// An environment that shows nothing and reaches the lab's hosts.
    pub(crate) fn env(&self) -> Env {
        Env::quiet().ssh_config(&self.ssh_config)
    }

    /// What the lab was made by.
    pub(crate) fn program(&self) -> PathBuf {
        self.ssh_config.with_file_name("bin").join("xtask")
    }

    /// `cargo xtask lab ARGUMENTS`, which must succeed.
    pub(crate) fn xtask(&self, arguments: &[&str]) {
        let output = self.try_xtask(arguments).expect("xtask runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The same where a failure is none, or cannot be helped.
    pub(crate) fn try_xtask(&self, arguments: &[&str]) -> std::io::Result<Output> {
        Command::new(self.program()).arg("lab").args(arguments).output()
    }

    /// What root sees on a host, by a way that no fault of the network touches.
    #[track_caller]
    pub(crate) fn inside(&self, host: &str, script: &str) -> String {
        let output = self.try_xtask(&["exec", host, "sh", "-c", script]).expect("xtask runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{host}: {script}: {said}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Cuts a host off until the result is dropped.
    pub(crate) fn cut<'a>(&'a self, host: &'a str) -> Cut<'a> {
        self.xtask(&["cut", host]);
        Cut { lab: self, host }
    }

    /// A host of the lab.
    pub(crate) fn host(&self, name: &str) -> Host {
        Host::ssh(name).in_env(&self.env())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A test that has failed is right to leave things; the next one begins with them.
        let Some(watch) = self.watch.take().filter(|_| !std::thread::panicking()) else { return };
        let left = watch.left(&self.ssh_config, &self.kept.borrow());
        assert!(left.is_empty(), "the test has left this behind:\n{left}");
    }
}

/// A host that is cut off.
pub(crate) struct Cut<'a> {
    lab: &'a Lab,
    host: &'a str,
}

impl Drop for Cut<'_> {
    fn drop(&mut self) {
        self.lab.xtask(&["heal", self.host]);
    }
}

/// Runs a test's future on a runtime of its own.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
