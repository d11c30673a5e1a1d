//! What is known of a file without its content.

use std::time::{Duration, SystemTime};

use serde::Serialize;

/// What kind of thing is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, a socket, a pipe.
    Other,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileStat {
    /// What kind of thing.
    pub kind: FileKind,
    /// How many bytes.
    pub size: u64,
    /// Permission bits, with set-user-ID and the like.
    pub mode: u32,
    /// Number of its owner.
    pub uid: u32,
    /// Number of its group.
    pub gid: u32,
    /// Name of its owner.
    pub owner: String,
    /// Name of its group.
    pub group: String,
    /// When its content last changed.
    pub modified: SystemTime,
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DirEntry {
    /// Its name, without the directory.
    pub name: String,
    /// What kind of thing; links are not followed.
    pub kind: FileKind,
}

impl FileStat {
    /// Reads what the script printed.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut next = || words.next();
        let mode = next()?;
        let mode = match mode.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => u32::from_str_radix(mode, 8).ok()?,
        };
        Some(Self {
            kind: match mode >> 12 {
                0o10 => FileKind::File,
                0o04 => FileKind::Directory,
                0o12 => FileKind::Symlink,
                _ => FileKind::Other,
            },
            mode: mode & 0o7777,
            size: next()?.parse().ok()?,
            uid: next()?.parse().ok()?,
            gid: next()?.parse().ok()?,
            owner: next()?.to_owned(),
            group: next()?.to_owned(),
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(next()?.parse().ok()?),
        })
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::File
    }
}

impl DirEntry {
    /// Reads one entry that the script printed.
    pub(super) fn parse(entry: &[u8]) -> Option<Self> {
        let (kind, name) = entry.split_first()?;
        let kind = match kind {
            b'f' => FileKind::File,
            b'd' => FileKind::Directory,
            b'l' => FileKind::Symlink,
            _ => FileKind::Other,
        };
        Some(Self { name: String::from_utf8_lossy(name).into_owned(), kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dialects() {
        let gnu = FileStat::parse("0x81a4 12 0 5 root tty 1700000000").unwrap();
        let bsd = FileStat::parse("0100644 12 0 5 root tty 1700000000").unwrap();
        assert_eq!(gnu, bsd);
        assert_eq!((gnu.kind, gnu.mode, gnu.size), (FileKind::File, 0o644, 12));
        assert!(FileStat::parse("0x41ed 4096 0 0 root root 0").unwrap().is_dir());
        assert_eq!(FileStat::parse("what"), None);
    }
}
