//! What a script reads, on its way from memory or files of this machine.
//!
//! Its length is known before the first byte is sent, so that the host can tell a whole input from one that broke off. A file is never in
//! memory as a whole.

use std::io;
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::command::{Part, Stdin};

/// How much of a file is read, and of anything written, at once.
const CHUNK: usize = 256 << 10;

/// What a script reads, with its length known beforehand.
pub(super) struct Input<'a> {
    /// None if it reads nothing at all.
    pieces: Option<Vec<Piece<'a>>>,
}

enum Piece<'a> {
    Bytes(&'a [u8]),
    /// `file` is there if it has been opened already.
    File {
        path: &'a Path,
        len: u64,
        file: Option<File>,
    },
}

impl<'a> Input<'a> {
    /// Gets ready to read.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) async fn open(stdin: &'a Stdin) -> Result<Self, String> {
        let pieces = match stdin {
            Stdin::Null => return Ok(Self { pieces: None }),
            Stdin::Bytes(bytes) => vec![Piece::Bytes(bytes)],
            Stdin::Secret(bytes) => vec![Piece::Bytes(bytes.expose())],
            Stdin::File(path) => {
                let (file, len) = open(path).await.map_err(|error| error.to_string())?;
                vec![Piece::File { path, len, file: Some(file) }]
            }
            Stdin::Parts(parts) => parts.iter().map(Piece::of).collect(),
        };
        Ok(Self { pieces: Some(pieces) })
    }

    /// How many bytes it is, or nothing if the script reads none.
    pub(super) fn len(&self) -> Option<u64> {
        let pieces = self.pieces.as_ref()?;
        let len = |piece: &Piece<'_>| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File { len, .. } => *len,
        };
        Some(pieces.iter().map(len).sum())
    }

    pub(super) fn is_null(&self) -> bool {
        self.pieces.is_none()
    }

    /// Sends all of it, and tells how many bytes have been sent so far. Returns whether there was any to send.
    pub(super) async fn copy_to(
        &mut self,
        to: &mut (impl AsyncWrite + Unpin),
        sent: impl Fn(u64),
    ) -> io::Result<bool> {
        let Some(pieces) = &mut self.pieces else { return Ok(false) };
        let mut total = 0;
        let mut buffer = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => {
                    for chunk in bytes.chunks(CHUNK) {
                        to.write_all(chunk).await?;
                        total += chunk.len() as u64;
                        sent(total);
                    }
                }
                Piece::File { path, len, file } => {
                    let file = match file.take() {
                        Some(file) => file,
                        None => open(path).await?.0,
                    };
                    buffer.resize(CHUNK, 0);
                    let mut reader = file.take(*len);
                    let mut left = *len;
                    while left > 0 {
                        let count = reader.read(&mut buffer).await?;
                        if count == 0 {
                            return Err(about(path, "it became shorter while it was read"));
                        }
                        to.write_all(&buffer[..count]).await?;
                        left -= count as u64;
                        total += count as u64;
                        sent(total);
                    }
                }
            }
        }
        Ok(true)
    }
}

impl<'a> Piece<'a> {
    fn of(part: &'a Part) -> Self {
        match part {
            Part::Bytes(bytes) => Self::Bytes(bytes),
            Part::File { path, len } => Self::File { path, len: *len, file: None },
        }
    }
}

/// Opens a regular file.
async fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path).await.map_err(|error| about(path, error))?;
    let metadata = file.metadata().await.map_err(|error| about(path, error))?;
    if !metadata.is_file() {
        return Err(about(path, "it is no regular file"));
    }
    Ok((file, metadata.len()))
}

fn about(path: &Path, why: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("cannot read {}: {why}", path.display()))
}
