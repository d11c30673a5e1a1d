//! A file of many hosts at once, and which file of this machine is whose.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;

use super::super::{Hosts, PerHost, bounded};
use crate::command::RemotePath;
use crate::{Error, Result};

/// What stands for a host's name in a path of this machine.
const HOST: &[u8] = b"{host}";

impl Hosts {
    /// Copies a file of every host to this machine, as [`Host::get`](crate::Host::get) does ([`Hosts::get`] finds a host): each to a path of its own, in which `{host}` stands for the host's
    /// name. Directories that are missing in such a path are made.
    ///
    /// # Errors
    /// Before anything is copied, when two hosts would have the same path here. When any host failed: one error that names every one; what
    /// came from the others stays.
    ///
    /// ```no_run
    /// # use deploy_core::prelude::*;
    /// # async fn f(hosts: Hosts) -> Result {
    /// hosts.get_each("/var/log/app.log", "logs/{host}.log").await?;
    /// # Ok(()) }
    /// ```
    pub fn get_each(
        &self,
        path: impl Into<RemotePath>,
        local: impl Into<PathBuf>,
    ) -> BoxFuture<'static, Result<PerHost<()>>> {
        let (path, local) = (path.into(), local.into());
        if let Err(error) = self.apart(&local) {
            return Box::pin(std::future::ready(Err(error)));
        }
        let env = self.environment();
        let runs: Vec<_> = self
            .iter()
            .filter(|host| env.selects(host.name()))
            .map(|host| {
                let host = host.in_env(&env);
                let running = host.get(&path, &local);
                async move { (host, running.await) }
            })
            .collect();
        Box::pin(async move {
            bounded(env.parallelism(), runs).await.into_iter().collect::<PerHost<_>>().all_ok()
        })
    }

    /// Whether every host has a path of its own.
    fn apart(&self, local: &Path) -> Result {
        let env = self.environment();
        let mut paths: HashMap<PathBuf, &str> = HashMap::new();
        for host in self.iter().filter(|host| env.selects(host.name())) {
            let path = path_for(local, host.name())?;
            let Some(other) = paths.insert(path, host.name()) else { continue };
            let shown = local.display();
            return Err(Error::usage(match is_pattern(local) {
                true => format!("`{shown}` is the same file for {other} and {}", host.name()),
                false => format!(
                    "`{shown}` is one file for {} hosts: write `{{host}}` into the path where each one's name belongs",
                    self.len()
                ),
            }));
        }
        Ok(())
    }
}

/// Whether the path is another one for each host.
pub(super) fn is_pattern(local: &Path) -> bool {
    position(local.as_os_str().as_bytes()).is_some()
}

/// The path of this machine that is meant for a host.
///
/// # Errors
/// When the host's name would lead out of the directory.
pub(super) fn path_for(local: &Path, host: &str) -> Result<PathBuf> {
    let mut rest = local.as_os_str().as_bytes();
    let mut path = Vec::new();
    while let Some(at) = position(rest) {
        // A host in another one has a slash in its name.
        let name = host.replace(['/', '\0'], "_");
        if matches!(name.as_str(), "" | "." | "..") {
            return Err(Error::usage(format!("`{host}` is no name for a file")));
        }
        path.extend_from_slice(&rest[..at]);
        path.extend_from_slice(name.as_bytes());
        rest = &rest[at + HOST.len()..];
    }
    path.extend_from_slice(rest);
    Ok(OsString::from_vec(path).into())
}

fn position(path: &[u8]) -> Option<usize> {
    path.windows(HOST.len()).position(|window| window == HOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Host;
    use crate::testing::Recorder;

    #[test]
    fn a_name_never_leads_out() {
        for (local, host, expected) in [
            ("logs/{host}.log", "web1", Some("logs/web1.log")),
            ("{host}/{host}", "a", Some("a/a")),
            ("log", "..", Some("log")),
            ("logs/{host}", "web1/app", Some("logs/web1_app")),
            ("logs/{host}", "../../etc/passwd", Some("logs/.._.._etc_passwd")),
            ("logs/{host}", "..", None),
            ("logs/{host}", "", None),
        ] {
            let path = path_for(Path::new(local), host).ok();
            assert_eq!(path.as_deref(), expected.map(Path::new), "{local} {host}");
        }
    }

    #[tokio::test]
    async fn every_host_needs_a_path_of_its_own() {
        let recorder = Recorder::new().on("*", "content");
        let hosts = Hosts::parse("web[1-2]").unwrap().in_env(&recorder.env());
        let directory = tempfile::tempdir().unwrap();
        let one = directory.path().join("one");
        let error = hosts.get_each("/etc/motd", &one).await.unwrap_err();
        assert_eq!(error.exit_code(), crate::ExitCode::Usage);
        assert!(error.to_string().contains("write `{host}` into the path"), "{error}");
        assert!(recorder.all_commands().is_empty());
        let same: Hosts =
            ["a/b", "a_b"].map(|name| Host::ssh("x").named(name)).into_iter().collect();
        let error =
            same.in_env(&recorder.env()).get_each("/x", directory.path().join("{host}")).await;
        assert!(error.unwrap_err().to_string().contains("the same file for a/b and a_b"));
        hosts.get_each("/etc/motd", directory.path().join("{host}/motd")).await.unwrap();
        for host in ["web1", "web2"] {
            let got = std::fs::read(directory.path().join(host).join("motd")).unwrap();
            assert_eq!(got, b"content");
        }
        hosts.filter(|host| host.name() == "web1").get_each("/etc/motd", &one).await.unwrap();
    }
}
