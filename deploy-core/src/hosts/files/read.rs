//! What reads files: `read_file`, `get`, `exists`, `stat`, `list_dir`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::super::Host;
use super::{DirEntry, FileStat, many, script};
use crate::command::{RemotePath, Status};
use crate::env::Mode;
use crate::event::EventKind;
use crate::{Cmd, Result};

impl Host {
    /// The content of a file, however long.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_file(&self, path: impl Into<RemotePath>) -> BoxFuture<'static, Result<Vec<u8>>> {
        let (host, path) = (self.clone(), path.into());
        Box::pin(async move {
            let content = Arc::new(Mutex::new(Vec::new()));
            let sink = content.clone();
            let cat = cat(&path).on_stdout(move |bytes| {
                sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            });
            host.probe(cat).await?;
            let content =
                std::mem::take(&mut *content.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(content)
        })
    }

    /// Copies a file of the host to this machine, streamed, all or nothing. In a dry run it is shown and not done.
    ///
    /// `{host}` in the local path stands for the host's name (with `_` for `/`), and directories that are missing in such a path are made.
    ///
    /// # Errors
    /// When it cannot be read there or written here; a local file of that name is then as it was.
    pub fn get(
        &self,
        path: impl Into<RemotePath>,
        local: impl Into<PathBuf>,
    ) -> BoxFuture<'static, Result> {
        let (host, path, local) = (self.clone(), path.into(), local.into());
        Box::pin(async move { get(&host, &path, local).await })
    }

    /// Whether there is anything at this path, a link that leads nowhere included.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub fn exists(&self, path: impl Into<RemotePath>) -> BoxFuture<'static, Result<bool>> {
        let (host, path) = (self.clone(), path.into());
        Box::pin(async move {
            let test =
                Cmd::new().lit("[ -e ").words(&path).lit(" ] || [ -L ").words(&path).lit(" ]");
            Ok(host.probe(test.ok_codes([0, 1])).await?.status == Status::Code(0))
        })
    }

    /// What is at this path, links followed; nothing if nothing is.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub fn stat(
        &self,
        path: impl Into<RemotePath>,
    ) -> BoxFuture<'static, Result<Option<FileStat>>> {
        let (host, path) = (self.clone(), path.into());
        Box::pin(async move {
            let output = host
                .probe(script::command(script::STAT, &path).described_as(format!("stat {path}")))
                .await?;
            let line = output.stdout_str()?;
            match line {
                "" => Ok(None),
                line => {
                    match FileStat::parse(line) {
                        Some(stat) => Ok(Some(stat)),
                        None => Err(host
                            .error(format!("`stat {path}` said what is not understood: {line}"))),
                    }
                }
            }
        })
    }

    /// What is in a directory, by name; `.` and `..` are not. Bytes of names that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list_dir(
        &self,
        path: impl Into<RemotePath>,
    ) -> BoxFuture<'static, Result<Vec<DirEntry>>> {
        let (host, path) = (self.clone(), path.into());
        Box::pin(async move {
            let list = script::command(script::LIST, &path).described_as(format!("list {path}"));
            let output = host.probe(list).await?;
            let mut entries: Vec<DirEntry> =
                output.stdout.split(|byte| *byte == 0).filter_map(DirEntry::parse).collect();
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(entries)
        })
    }
}

fn cat(path: &RemotePath) -> Cmd {
    Cmd::new().lit("cat -- ").words(path)
}

async fn get(host: &Host, path: &RemotePath, local: PathBuf) -> Result {
    let env = host.environment();
    let is_pattern = many::is_pattern(&local);
    let local = many::path_for(&local, host.name())?;
    let shown = local.display().to_string();
    if env.current_mode() == Mode::DryRun {
        let command = host.context().echo(&Cmd::raw(format!("get {path} to {shown}")));
        env.emit(EventKind::WouldRun { host: host.name().to_owned(), command });
        return Ok(());
    }
    let failed = |error: std::io::Error| host.error(format!("cannot write {shown}: {error}"));
    let directory = match local.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => std::path::Path::new("."),
    };
    if is_pattern {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    let mut builder = tempfile::Builder::new();
    // As open(2) does for a new file: what the umask leaves of 0666.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.prefix(".deploy.").tempfile_in(directory).map_err(failed)?;
    let file = Arc::new(Mutex::new((file, None)));
    let sink = file.clone();
    let cat = cat(path).on_stdout(move |bytes| {
        let (file, error) = &mut *sink.lock().unwrap_or_else(PoisonError::into_inner);
        if error.is_none() {
            *error = file.write_all(bytes).err();
        }
    });
    host.probe(cat).await?;
    let file = Arc::into_inner(file).and_then(|file| file.into_inner().ok());
    let Some((file, error)) = file else {
        return Err(host.error(format!("cannot write {shown}: it is still being written")));
    };
    if let Some(error) = error {
        return Err(failed(error));
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&local).map_err(|error| failed(error.error))?;
    Ok(())
}
