//! The lab as tests see it.

use std::path::PathBuf;
use std::process::Command;

use deploy_core::prelude::*;

/// A lab that is up.
pub(crate) struct Lab {
    pub(crate) ssh_config: PathBuf,
}

impl Lab {
    /// The lab, or nothing where there is none and none is demanded.
    #[expect(clippy::print_stderr, reason = "a test that does not run says so")]
    pub(crate) fn get() -> Option<Self> {
        if let Some(path) = std::env::var_os("DEPLOY_LAB_SSH_CONFIG") {
            let path = std::path::absolute(PathBuf::from(path)).expect("a path");
            return Some(Self { ssh_config: path });
        }
        let required = std::env::var("DEPLOY_LAB").is_ok_and(|value| value == "require");
        assert!(!required, "DEPLOY_LAB=require, and DEPLOY_LAB_SSH_CONFIG does not name a lab");
        eprintln!("skipped: there is no lab, DEPLOY_LAB_SSH_CONFIG is not set");
        None
    }

    /// An environment that shows nothing and reaches the lab's hosts.
    pub(crate) fn env(&self) -> Env {
        Env::quiet().ssh_config(&self.ssh_config)
    }

    /// `cargo xtask lab ARGUMENTS`.
    pub(crate) fn xtask(&self, arguments: &[&str]) {
        let program = self.ssh_config.with_file_name("bin").join("xtask");
        let output = Command::new(program).arg("lab").args(arguments).output().expect("xtask runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
