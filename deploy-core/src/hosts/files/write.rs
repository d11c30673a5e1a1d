//! What changes files: `write_file`, `put`, `mkdir`, `remove`, `temp_dir`.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use super::super::Host;
use super::WriteOptions;
use crate::command::{RemotePath, Stdin};
use crate::env::Mode;
use crate::{Cmd, Result};

impl Host {
    /// Writes a file, all or nothing: nobody ever sees a half of it. Owner and mode of a file that was there stay, and so does a symbolic
    /// link that led to it.
    ///
    /// # Errors
    /// When it cannot be written; the old file is then as it was.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// # use deploy_core::testing::Recorder;
    /// # let recorder = Recorder::new();
    /// # let host = Host::local().in_env(&recorder.env());
    /// host.sudo().write_file("/etc/motd", "Welcome\n").await?;
    /// # assert_eq!(recorder.commands("localhost"), ["sudo: write 8 bytes to /etc/motd"]);
    /// # Ok::<_, Error>(()) }).unwrap();
    /// ```
    pub fn write_file(
        &self,
        path: impl Into<RemotePath>,
        content: impl Into<Stdin>,
    ) -> BoxFuture<'static, Result> {
        self.write_file_with(path, content, WriteOptions::new())
    }

    /// The same, with a mode, an owner or a check.
    ///
    /// # Errors
    /// As [`write_file`](Self::write_file).
    pub fn write_file_with(
        &self,
        path: impl Into<RemotePath>,
        content: impl Into<Stdin>,
        options: WriteOptions,
    ) -> BoxFuture<'static, Result> {
        let (host, cmd) = (self.clone(), options.command(path, content));
        Box::pin(async move {
            let cmd = cmd.map_err(|error| host.error(error))?;
            host.run(cmd).await.map(drop)
        })
    }

    /// Copies a file of this machine to the host, streamed, all or nothing. A new file gets the permissions of the local one, as
    /// far as the umask leaves them.
    ///
    /// # Errors
    /// When it cannot be read or written; the old file is then as it was.
    pub fn put(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
    ) -> BoxFuture<'static, Result> {
        self.put_with(local, path, WriteOptions::new())
    }

    /// The same, with a mode, an owner or a check.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_with(
        &self,
        local: impl Into<PathBuf>,
        path: impl Into<RemotePath>,
        options: WriteOptions,
    ) -> BoxFuture<'static, Result> {
        self.write_file_with(path, Stdin::File(local.into()), options)
    }

    /// Makes a directory, and those above it that are missing. One that is there is no error.
    ///
    /// # Errors
    /// When it cannot be made, or something else is in its place.
    pub fn mkdir(&self, path: impl Into<RemotePath>) -> BoxFuture<'static, Result> {
        let path = path.into();
        run(self, Cmd::new().lit("mkdir -p -- ").words(&path))
    }

    /// Removes a file, or a directory with everything in it. What is not there is no error.
    ///
    /// # Errors
    /// When it cannot be removed, or the path is a root, a home or a current directory.
    pub fn remove(&self, path: impl Into<RemotePath>) -> BoxFuture<'static, Result> {
        let path = path.into();
        if is_too_much(path.as_str()) {
            let error = self.error(format!("`{path}` is not removed: that would be everything"));
            return Box::pin(std::future::ready(Err(error)));
        }
        run(self, Cmd::new().lit("rm -rf -- ").words(&path))
    }

    /// Makes a new directory that only this user can look into. Whoever asked for it removes it.
    ///
    /// In a dry run there is none, and the path says so.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temp_dir(&self) -> BoxFuture<'static, Result<RemotePath>> {
        let host = self.clone();
        Box::pin(async move {
            let output = host.run(Cmd::raw("mktemp -d").quiet()).await?;
            if host.environment().current_mode() == Mode::Apply {
                return Ok(RemotePath::new(output.stdout_str()?));
            }
            Ok(RemotePath::new("/tmp/made-by-a-real-run"))
        })
    }
}

/// Runs a command for its effect alone.
fn run(host: &Host, cmd: Cmd) -> BoxFuture<'static, Result> {
    let running = host.run(cmd);
    Box::pin(async move { running.await.map(drop) })
}

/// Paths that nobody means to remove whole.
pub(super) fn is_too_much(path: &str) -> bool {
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    match parts.peek() {
        None => true,
        Some(first) if first.starts_with('~') => parts.count() == 1,
        Some(_) => parts.any(|part| part == ".."),
    }
}

#[cfg(test)]
mod tests {
    use super::is_too_much;

    #[test]
    fn roots_and_homes_are_not_removed() {
        for path in ["", "/", "//", ".", "./", "~", "~app", "~/", "/srv/..", "../..", "/."] {
            assert!(is_too_much(path), "{path}");
        }
        for path in ["/srv", "x", "~/app", "./build", "/srv/.x"] {
            assert!(!is_too_much(path), "{path}");
        }
    }
}
