//! Files of this machine on a host.

use std::path::PathBuf;

use deploy_core::RemotePath;

use crate::files::{File, file};

/// The file `path` on the host, with the content of the file `local` of this machine: compared by size and checksum, streamed
/// when it differs, in place only when it is whole.
///
/// ```
/// use deploy_contrib::upload;
/// let binary = upload("target/release/web-service", "/srv/app/web-service").executable();
/// ```
pub fn upload(local: impl Into<PathBuf>, path: impl Into<RemotePath>) -> File {
    file(path).source(local)
}
