//! A directory, and this machine as a host.

use deploy_core::{Env, Host, Op, RemotePath};
use tempfile::TempDir;

pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) env: Env,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), env: Env::quiet() }
    }

    pub(crate) fn host(&self) -> Host {
        Host::local().in_env(&self.env)
    }

    pub(crate) fn local(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn path(&self, name: &str) -> RemotePath {
        RemotePath::new(self.local(name).to_str().unwrap())
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.local(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.local(name), text).unwrap();
    }

    /// What is in the directory.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Ensures an operation twice: a dry run shows it and changes nothing, the first run changes, the second does not.
    /// Gives the diff.
    pub(crate) async fn converges(&self, op: impl Into<Op>) -> String {
        let op = op.into();
        let dry = self.host().in_env(&self.env.clone().dry_run()).ensure(op.clone()).await.unwrap();
        let first = self.host().ensure(op.clone()).await.unwrap();
        assert!(first.changed(), "{op:?} changed nothing");
        assert_eq!(dry.diff(), first.diff(), "{op:?}: the dry run said something else");
        let second = self.host().ensure(op.clone()).await.unwrap();
        assert!(!second.changed(), "{op:?} changed something again: {}", second.diff());
        first.diff().to_owned()
    }
}
