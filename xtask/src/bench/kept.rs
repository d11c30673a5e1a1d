//! What the framework keeps of its connections after a program has ended: sockets and locks in the user's runtime
//! directory, which are of no use to anybody once the hosts are gone.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

/// What was there before. Dropping it removes what has come since, unless it is in use.
#[derive(Debug)]
pub(super) struct Kept {
    before: HashSet<PathBuf>,
}

impl Kept {
    /// To be called before the first connection.
    pub(super) fn note() -> Self {
        Self { before: files().collect() }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Masters notice within moments that their hosts are gone.
        let limit = Instant::now() + Duration::from_secs(3);
        loop {
            let rest: Vec<PathBuf> =
                files().filter(|path| !self.before.contains(path) && !remove(path)).collect();
            if rest.is_empty() || Instant::now() > limit {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn files() -> impl Iterator<Item = PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    let places = [format!("/run/user/{uid}/deploy"), format!("/tmp/deploy-{uid}")];
    places
        .into_iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
}

/// Removes a socket on which nobody listens, or a lock that nobody holds for such a socket.
fn remove(path: &Path) -> bool {
    if path.extension().is_none() {
        return UnixStream::connect(path).is_err() && fs::remove_file(path).is_ok();
    }
    let socket = path.with_extension("");
    let Ok(file) = File::open(path) else { return true };
    let free = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
    free && !socket.exists() && fs::remove_file(path).is_ok()
}
