//! `sync_dir`: a directory of this machine on hosts, in one go, and only what differs.
//!
//! The directory is read once for all hosts. A host is asked in one command what it has ([`remote`]); what is missing is a pure function of the two
//! ([`plan`]); and it is sent as one tar archive ([`archive`]), unpacked beside what is there and put into place by renaming.

mod archive;
mod diff;
mod exclude;
mod local;
mod options;
mod plan;
mod remote;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use self::local::Tree;
pub use self::options::{Compare, Delete, Modes, SyncOptions};
use self::plan::Plan;
use self::remote::Found;
use super::super::{Host, Hosts, PerHost, bounded};
use super::script;
use super::write::is_too_much;
use crate::command::{Part, RemotePath, Stdin};
use crate::env::Mode;
use crate::event::{EventKind, OperationResult};
use crate::operation::Change;
use crate::{Cmd, Error, Result};

/// As many lines of what changed are told.
const LINES: usize = 200;

impl Host {
    /// Brings a directory of this machine to the host: everything in it, in one go, and only what differs. Says what that changed; the second
    /// time nothing.
    ///
    /// Contents are compared, in one command. What is missing is sent as one archive, unpacked beside what is there
    /// and renamed, so that no file is ever half-written; the directory as a whole changes file by file. Nothing is deleted and permission bits
    /// are as here unless [`sync_dir_with`](Self::sync_dir_with) is told otherwise. The directory itself is made where it is missing, and
    /// otherwise stays as it is. Symbolic links in it stay links. In a dry run it is shown and not done.
    ///
    /// # Errors
    /// When something here cannot be read, or something there not be looked at or written. What was interrupted leaves each file as it was or as it
    /// should be, and nothing beside them.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # use deploy_core::{Delete, SyncOptions};
    /// # async fn f(host: Host) -> Result {
    /// let change = host.sync_dir("dist", "/srv/app/static").await?;
    /// if change.changed() {
    ///     host.sudo().run("systemctl reload nginx").await?;
    /// }
    /// let mirror = SyncOptions::new().delete(Delete::Extra).exclude(["*.map", "/cache"]);
    /// host.sync_dir_with("dist", "/srv/app/static", mirror).await?;
    /// # Ok(()) }
    /// ```
    pub fn sync_dir(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
    ) -> BoxFuture<'static, Result<Change>> {
        self.sync_dir_with(local, path, SyncOptions::new())
    }

    /// The same, with what is deleted, left out and compared, and whose the files are.
    ///
    /// # Errors
    /// As [`sync_dir`](Self::sync_dir). Also when files were to be deleted because the local directory is empty, which is taken for a mistake.
    pub fn sync_dir_with(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
        options: SyncOptions,
    ) -> BoxFuture<'static, Result<Change>> {
        let (host, source) = (self.clone(), Source::new(local.into(), path.into(), options));
        Box::pin(async move {
            let source = source.read().await.map_err(|error| host.error(error))?;
            source.bring(&host).await
        })
    }
}

impl Hosts {
    /// Brings a directory of this machine to every host, as [`Host::sync_dir`] does; it is read once for all of them.
    ///
    /// # Errors
    /// When it cannot be read here; when any host failed: one error that names every one.
    pub fn sync_dir(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
    ) -> BoxFuture<'static, Result<PerHost<Change>>> {
        self.sync_dir_with(local, path, SyncOptions::new())
    }

    /// The same, with what is deleted, left out and compared, and whose the files are.
    ///
    /// # Errors
    /// As [`sync_dir`](Self::sync_dir).
    pub fn sync_dir_with(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
        options: SyncOptions,
    ) -> BoxFuture<'static, Result<PerHost<Change>>> {
        let (hosts, source) = (self.clone(), Source::new(local.into(), path.into(), options));
        Box::pin(async move {
            let env = hosts.environment();
            let source = &source.read().await?;
            let runs = hosts.iter().filter(|host| env.selects(host.name())).map(|host| {
                let host = host.in_env(&env);
                async move { (host.clone(), source.bring(&host).await) }
            });
            bounded(env.parallelism(), runs).await.into_iter().collect::<PerHost<_>>().all_ok()
        })
    }
}

/// What is to be brought where.
#[derive(Clone)]
struct Source {
    local: PathBuf,
    path: RemotePath,
    options: SyncOptions,
}

/// The same, read.
struct Loaded {
    source: Source,
    tree: Tree,
    /// The files that are sent, by what is missing.
    archives: Mutex<HashMap<Vec<usize>, Arc<[Part]>>>,
}

impl Source {
    const fn new(local: PathBuf, path: RemotePath, options: SyncOptions) -> Self {
        Self { local, path, options }
    }

    async fn read(self) -> Result<Loaded> {
        let (local, path) = (self.local.display(), &self.path);
        if self.options.delete == Delete::Extra && is_too_much(path.as_str()) {
            return Err(Error::msg(format!(
                "`{path}` is not brought in line with {local}: that would delete everything else in it"
            )));
        }
        let source = self.clone();
        let read = move || Tree::read(&source.local, &source.options);
        let tree = tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| Error::msg(format!("cannot read {local}: {error}")))??;
        if self.options.delete == Delete::Extra && tree.entries.is_empty() {
            return Err(Error::msg(format!(
                "{local} is empty: everything in {path} would be deleted; if that is meant, remove it"
            )));
        }
        Ok(Loaded { source: self, tree, archives: Mutex::default() })
    }
}

impl Loaded {
    async fn bring(&self, host: &Host) -> Result<Change> {
        let result = self.look_and_apply(host).await;
        if result.is_err() {
            self.report(host, OperationResult::Failed, String::new());
        }
        result
    }

    async fn look_and_apply(&self, host: &Host) -> Result<Change> {
        let Source { local, path, options } = &self.source;
        let found = self.look(host).await?;
        let refused =
            |why: String| host.error(format!("cannot bring {} to {path}: {why}", local.display()));
        let plan = Plan::new(&self.tree, &found, options).map_err(refused)?;
        let mut diff = self.told(&plan);
        let env = host.environment();
        let result = match env.current_mode() {
            _ if plan.is_empty() => OperationResult::Unchanged,
            Mode::DryRun => {
                diff.push_str(&diff::of(host, path, &self.tree, &plan, &found).await?);
                OperationResult::WouldChange
            }
            _ => {
                host.run(self.apply(&plan)?).await?;
                OperationResult::Changed
            }
        };
        self.report(host, result, diff.clone());
        Ok(Change::one(self.describe(), result != OperationResult::Unchanged, diff))
    }

    async fn look(&self, host: &Host) -> Result<Found> {
        let Source { path, options, .. } = &self.source;
        let answer = Arc::new(Mutex::new(Vec::new()));
        let sink = answer.clone();
        let look = remote::look(&self.tree, path, options)
            .described_as(format!("look at {} files in {path}", self.tree.entries.len()))
            .on_stdout(move |bytes| {
                sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            });
        host.probe(look).await?;
        let answer = std::mem::take(&mut *answer.lock().unwrap_or_else(PoisonError::into_inner));
        Found::parse(&answer, &self.tree)
            .map_err(|why| host.error(format!("cannot look at {path}: {why}")))
    }

    /// The command that does what is planned.
    fn apply(&self, plan: &Plan) -> Result<Cmd> {
        let Source { local, path, options } = &self.source;
        let parts = self
            .archive(plan)
            .map_err(|error| Error::msg(format!("cannot pack {}: {error}", local.display())))?;
        let mode = match plan.make_top {
            true => format!("{:o}", self.tree.mode),
            false => String::new(),
        };
        let words = [mode, options.owner.clone().unwrap_or_default()];
        let bytes: u64 = parts.iter().map(Part::len).sum();
        let files = plan.send.len();
        let mut what = format!("bring {files} files ({bytes} bytes) to {path}");
        if !plan.delete.is_empty() {
            what.push_str(&format!(", delete {}", plan.delete.len()));
        }
        let cmd = script::command(archive::APPLY, path).lit(" ").words(&words);
        Ok(cmd.stdin(Stdin::Parts(parts)).described_as(what).quiet())
    }

    /// The files are packed once for all hosts that lack the same.
    fn archive(&self, plan: &Plan) -> std::io::Result<Arc<[Part]>> {
        let Self { tree, source, .. } = self;
        let mut archives = self.archives.lock().unwrap_or_else(PoisonError::into_inner);
        let files = match archives.get(&plan.send) {
            Some(files) => files.clone(),
            None => {
                let files: Arc<[Part]> = archive::files(tree, &plan.send)?.into();
                archives.insert(plan.send.clone(), files.clone());
                files
            }
        };
        let end = archive::end(tree, plan, &source.options)?;
        Ok(files.iter().cloned().chain([end]).collect())
    }

    fn describe(&self) -> String {
        let Source { local, path, .. } = &self.source;
        format!("directory {path} from {}", local.display())
    }

    /// What changes, in words.
    fn told(&self, plan: &Plan) -> String {
        let top = self.source.path.as_str().trim_end_matches('/');
        let mut text = String::new();
        if plan.make_top {
            text.push_str(&format!("{top}/: new\n"));
        }
        for line in plan.lines.iter().take(LINES) {
            text.push_str(&format!("{top}/{line}\n"));
        }
        if plan.lines.len() > LINES {
            text.push_str(&format!("and {} more\n", plan.lines.len() - LINES));
        }
        text
    }

    fn report(&self, host: &Host, result: OperationResult, diff: String) {
        let description = self.describe();
        let host_name = host.name().to_owned();
        host.environment().emit(EventKind::Operation {
            host: host_name,
            description,
            result,
            diff,
        });
    }
}
