//! [`Content`]: what a file should hold, from wherever it comes.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use deploy_core::{Error, Result, Secret, Stdin};
use sha2::{Digest, Sha256};

/// What a file should hold.
#[derive(Clone)]
pub struct Content(pub(super) Kind);

#[derive(Clone)]
pub(super) enum Kind {
    /// Whatever it holds.
    Any,
    Bytes {
        bytes: Arc<[u8]>,
        secret: bool,
    },
    /// A file of this machine, streamed. Its checksum is computed once.
    Local {
        path: PathBuf,
        sum: Arc<OnceLock<Result<String, String>>>,
    },
    /// There is none, because of this.
    Failed(String),
}

impl Content {
    pub(super) fn local(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Local { path: path.into(), sum: Arc::default() })
    }

    pub(super) fn failed(error: &Error) -> Self {
        Self(Kind::Failed(error.to_string()))
    }

    pub(super) fn hidden(self) -> Self {
        match self.0 {
            Kind::Bytes { bytes, .. } => Self(Kind::Bytes { bytes, secret: true }),
            _ => self,
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self.0, Kind::Bytes { secret: true, .. })
    }

    /// SHA-256 in hexadecimal digits; empty when any content will do.
    pub(super) fn checksum(&self) -> Result<String> {
        match &self.0 {
            Kind::Any => Ok(String::new()),
            Kind::Bytes { bytes, .. } => Ok(hex(&Sha256::digest(bytes))),
            Kind::Local { path, sum } => sum
                .get_or_init(|| {
                    checksum_of(path).map_err(|error| format!("{}: {error}", path.display()))
                })
                .clone()
                .map_err(Error::msg),
            Kind::Failed(message) => Err(Error::msg(message)),
        }
    }

    /// What is streamed to the host.
    pub(super) fn stdin(&self) -> Stdin {
        match &self.0 {
            Kind::Bytes { bytes, secret: true } => Stdin::Secret(Secret::new(bytes.clone())),
            Kind::Bytes { bytes, .. } => Stdin::Bytes(bytes.clone()),
            Kind::Local { path, .. } => Stdin::File(path.clone()),
            Kind::Any | Kind::Failed(_) => Stdin::Bytes(Arc::default()),
        }
    }
}

fn checksum_of(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&sum.finalize())),
            n => sum.update(&buffer[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        text.as_bytes().to_vec().into()
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&String> for Content {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kind::Bytes { bytes: bytes.into(), secret: false })
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<Secret> for Content {
    fn from(secret: Secret) -> Self {
        Self::from(secret.expose().as_str()).hidden()
    }
}

impl From<&Secret> for Content {
    fn from(secret: &Secret) -> Self {
        secret.clone().into()
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Any => f.write_str("Any"),
            Kind::Bytes { secret: true, .. } => f.write_str("<secret>"),
            Kind::Bytes { bytes, .. } => write!(f, "{} bytes", bytes.len()),
            Kind::Local { path, .. } => write!(f, "{}", path.display()),
            Kind::Failed(message) => write!(f, "Failed({message})"),
        }
    }
}
