//! Where the sockets of masters are: a directory that is nobody else's, and a name that says which connection it is.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::options;
use crate::host::HostSpec;
use crate::transport::{ConnectSettings, TransportError};

/// The longest path of a socket: 104 bytes on macOS and BSD, of which OpenSSH needs 17 for a temporary name.
const LONGEST: usize = 104 - 17;

/// The socket's path for this connection.
///
/// # Errors
/// When there is no directory that is ours alone.
pub(super) fn socket(
    host: &HostSpec,
    settings: &ConnectSettings,
) -> Result<PathBuf, TransportError> {
    let directory = directory().map_err(|message| TransportError::Failed { message })?;
    let path = directory.join(name(host, settings));
    if path.as_os_str().len() > LONGEST {
        let message = format!("{} is too long for a unix socket", path.display());
        return Err(TransportError::Failed { message });
    }
    Ok(path)
}

/// A directory of mode 0700 that belongs to us, below the user's runtime directory or `/tmp`.
fn directory() -> Result<PathBuf, String> {
    let uid = rustix::process::getuid().as_raw();
    let runtime = PathBuf::from(format!("/run/user/{uid}"));
    let ours =
        |path: &Path| fs::symlink_metadata(path).is_ok_and(|it| it.is_dir() && it.uid() == uid);
    let directory = match ours(&runtime) {
        true => runtime.join("deploy"),
        false => PathBuf::from(format!("/tmp/deploy-{uid}")),
    };
    let shown = directory.display();
    match DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(format!("cannot create {shown} for connections: {error}"));
        }
        _ => {}
    }
    let metadata = fs::symlink_metadata(&directory).map_err(|error| format!("{shown}: {error}"))?;
    if !metadata.is_dir() || metadata.uid() != uid || metadata.mode() & 0o077 != 0 {
        return Err(format!(
            "{shown} must be a directory of ours with mode 0700: connections in it could be taken over by others"
        ));
    }
    Ok(directory)
}

/// A hash of everything that decides the connection. 128 bits, so that two hosts never meet in one.
fn name(host: &HostSpec, settings: &ConnectSettings) -> String {
    static PRIVATE: AtomicU64 = AtomicU64::new(0);
    let mut parts = (DefaultHasher::new(), DefaultHasher::new());
    1_u8.hash(&mut parts.1);
    let mut add = |part: &dyn Fn(&mut DefaultHasher)| {
        part(&mut parts.0);
        part(&mut parts.1);
    };
    add(&|hasher| {
        host.address.hash(hasher);
        options::connection(host, settings).hash(hasher);
    });
    // A connection that ends with the program is nobody else's.
    if settings.persist.is_zero() {
        let private = (std::process::id(), PRIVATE.fetch_add(1, Ordering::Relaxed));
        add(&|hasher| private.hash(hasher));
    }
    for path in configurations(settings) {
        let stamp =
            fs::metadata(&path).ok().map(|it| (it.mtime(), it.mtime_nsec(), it.len(), it.ino()));
        add(&|hasher| (&path, stamp).hash(hasher));
    }
    format!("{:016x}{:016x}", parts.0.finish(), parts.1.finish())
}

/// The files that say what a name means to ssh. One that changes makes another connection.
fn configurations(settings: &ConnectSettings) -> Vec<PathBuf> {
    match &settings.ssh_config {
        Some(path) => vec![std::path::absolute(path).unwrap_or_else(|_| path.clone())],
        None => {
            let own = std::env::home_dir().map(|home| home.join(".ssh/config"));
            own.into_iter().chain([PathBuf::from("/etc/ssh/ssh_config")]).collect()
        }
    }
}

/// Holds a socket's name for whoever starts a master there; given back, and its file removed, when dropped.
pub(super) struct Lock {
    path: PathBuf,
    /// The open file holds the lock.
    _file: File,
}

impl Lock {
    /// Waits until no other program, and no other part of this one, starts a master there.
    ///
    /// # Errors
    /// When time runs out, or the system fails.
    pub(super) async fn acquire(socket: &Path, deadline: Instant) -> io::Result<Self> {
        let path = socket.with_extension("lock");
        let mut pause = Duration::from_millis(5);
        loop {
            let mut options = OpenOptions::new();
            let options = options.create(true).truncate(false).write(true).mode(0o600);
            let file = options.open(&path)?;
            match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
                // Whoever held it before may have removed the file meanwhile; a lock on that one keeps nobody out.
                Ok(()) if is_at(&file, &path) => return Ok(Self { path, _file: file }),
                Ok(()) => continue,
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the file at `path` is this one.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |it: fs::Metadata| (it.dev(), it.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(there)) => identity(file) == identity(there),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_decides_the_connection_decides_the_name() {
        let settings =
            ConnectSettings { ssh_config: Some("/nonexistent".into()), ..Default::default() };
        let host = HostSpec::new("ssh", "web1");
        let base = name(&host, &settings);
        assert_eq!(base, name(&HostSpec { name: "other".to_owned(), ..host.clone() }, &settings));
        assert_ne!(base, name(&HostSpec { user: Some("x".to_owned()), ..host.clone() }, &settings));
        assert_ne!(base, name(&HostSpec { port: Some(23), ..host.clone() }, &settings));
        assert_ne!(base, name(&HostSpec { jump: Some("j".to_owned()), ..host.clone() }, &settings));
        let options = ConnectSettings { ssh_options: vec!["A=b".to_owned()], ..settings.clone() };
        assert_ne!(base, name(&host, &options));
        let private = ConnectSettings { persist: Duration::ZERO, ..settings };
        assert_ne!(name(&host, &private), name(&host, &private));
        assert_eq!(base.len(), 32);
    }

    #[tokio::test]
    async fn a_lock_keeps_others_out_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("m");
        let soon = || Instant::now() + Duration::from_millis(30);
        let held = Lock::acquire(&socket, soon()).await.unwrap();
        assert!(Lock::acquire(&socket, soon()).await.is_err());
        drop(held);
        drop(Lock::acquire(&socket, soon()).await.unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
