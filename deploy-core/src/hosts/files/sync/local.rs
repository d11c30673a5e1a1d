//! The directory of this machine: everything in it, read once for all hosts.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::options::{Compare, SyncOptions};
use crate::{Error, Result};

/// SHA-256.
pub(super) type Sum = [u8; 32];

/// Files up to this many bytes are kept in memory from when they are compared until they are sent…
const SMALL: u64 = 128 << 10;

/// … up to this many bytes of all of them.
const KEPT: u64 = 32 << 20;

/// Everything below a directory, parents before what is in them.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
    /// Permission bits of the directory itself, by policy.
    pub(super) mode: u32,
    pub(super) entries: Vec<Entry>,
}

/// Something below the directory.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path below the directory.
    pub(super) path: Vec<u8>,
    /// Its permission bits on a host, by policy; of no meaning for a link.
    pub(super) mode: u32,
    pub(super) kind: Kind,
    /// When it last changed, in seconds since 1970.
    pub(super) modified: i64,
}

#[derive(Debug)]
pub(super) enum Kind {
    Directory,
    /// A symbolic link and where it points.
    Link(Vec<u8>),
    File {
        size: u64,
        /// Where contents are compared.
        sum: Option<Sum>,
        /// Where it has been read and is small.
        content: Option<Arc<[u8]>>,
    },
}

impl Tree {
    /// Reads the directory.
    ///
    /// # Errors
    /// When something cannot be read, or is neither a file, a directory nor a link.
    pub(super) fn read(root: &Path, options: &SyncOptions) -> Result<Self> {
        let about = |error: io::Error| cannot(root, &error);
        let metadata = fs::metadata(root).map_err(about)?;
        if !metadata.is_dir() {
            return Err(cannot(root, &"it is no directory"));
        }
        let mode = options.modes.of(metadata.mode(), true);
        let mut tree = Self { root: root.to_owned(), mode, entries: Vec::new() };
        let mut kept = 0;
        tree.add_directory(&[], options, &mut kept)?;
        // By names, so that what is in a directory follows it at once.
        let names = |entry: &Entry| -> Vec<Vec<u8>> {
            entry.path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect()
        };
        tree.entries.sort_by_cached_key(names);
        Ok(tree)
    }

    fn add_directory(&mut self, below: &[u8], options: &SyncOptions, kept: &mut u64) -> Result {
        let directory = self.root.join(path_of(below));
        let about = |error: io::Error| cannot(&directory, &error);
        for entry in fs::read_dir(&directory).map_err(about)? {
            let entry = entry.map_err(about)?;
            let mut path = below.to_vec();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.file_name().as_bytes());
            let local = entry.path();
            let metadata = fs::symlink_metadata(&local).map_err(|error| cannot(&local, &error))?;
            if options.exclude.contains(&path, metadata.is_dir()) {
                continue;
            }
            let kind = kind(&local, &metadata, options.compare, kept)?;
            let is_directory = matches!(kind, Kind::Directory);
            let mode = options.modes.of(metadata.mode(), is_directory);
            if is_directory {
                self.add_directory(&path, options, kept)?;
            }
            self.entries.push(Entry { path, mode, kind, modified: metadata.mtime() });
        }
        Ok(())
    }

    /// Where an entry is on this machine.
    pub(super) fn local(&self, entry: &Entry) -> PathBuf {
        self.root.join(path_of(&entry.path))
    }
}

impl Entry {
    /// How many bytes its content has.
    pub(super) const fn size(&self) -> u64 {
        match self.kind {
            Kind::File { size, .. } => size,
            _ => 0,
        }
    }
}

fn kind(local: &Path, metadata: &fs::Metadata, compare: Compare, kept: &mut u64) -> Result<Kind> {
    let about = |error: io::Error| cannot(local, &error);
    if metadata.is_dir() {
        return Ok(Kind::Directory);
    }
    if metadata.is_symlink() {
        let target = fs::read_link(local).map_err(about)?;
        return Ok(Kind::Link(target.into_os_string().into_vec()));
    }
    if !metadata.is_file() {
        let words = "it is neither a file, a directory nor a link; exclude it";
        return Err(cannot(local, &words));
    }
    let size = metadata.len();
    if compare == Compare::SizeAndTime {
        return Ok(Kind::File { size, sum: None, content: None });
    }
    if size > SMALL || *kept + size > KEPT {
        let (sum, size) = sum_of(local).map_err(about)?;
        return Ok(Kind::File { size, sum: Some(sum), content: None });
    }
    let content = fs::read(local).map_err(about)?;
    *kept += content.len() as u64;
    let sum = Sha256::digest(&content).into();
    Ok(Kind::File { size: content.len() as u64, sum: Some(sum), content: Some(content.into()) })
}

/// The checksum of a file, and how many bytes it is of.
fn sum_of(path: &Path) -> io::Result<(Sum, u64)> {
    let mut file = fs::File::open(path)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((sum.finalize().into(), size)),
            count => {
                sum.update(&buffer[..count]);
                size += count as u64;
            }
        }
    }
}

fn path_of(below: &[u8]) -> PathBuf {
    OsString::from_vec(below.to_vec()).into()
}

fn cannot(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::msg(format!("cannot bring {} to hosts: {why}", path.display()))
}
