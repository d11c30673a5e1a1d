//! [`Stdin`]: what a command reads. Says where the bytes are; who sends them reads them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Secret;

/// What a command reads on its standard input.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Stdin {
    /// Nothing: end of file at once.
    #[default]
    Null,
    /// These bytes, then end of file.
    Bytes(Arc<[u8]>),
    /// The same, and they are taken out of what the command prints.
    Secret(Secret<Arc<[u8]>>),
    /// The content of a file of this machine, streamed.
    File(PathBuf),
    /// These, one after the other.
    Parts(Arc<[Part]>),
}

impl Stdin {
    /// How many bytes it is, where that can be told without looking at files.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Self::Null | Self::File(_) => None,
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Secret(bytes) => Some(bytes.expose().len() as u64),
            Self::Parts(parts) => Some(parts.iter().map(Part::len).sum()),
        }
    }
}

/// A stretch of what a command reads.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// The first `len` bytes of a file of this machine, streamed; one that is shorter by then is an error.
    File {
        /// Which.
        path: PathBuf,
        /// How many of its bytes.
        len: u64,
    },
}

impl Part {
    /// How many bytes it is.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }

    /// Whether it is of no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File { path, len } => write!(f, "{len} bytes of {}", path.display()),
        }
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Secret(_) => f.write_str("<secret>"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Parts(parts) => f.debug_list().entries(parts.iter()).finish(),
        }
    }
}

macro_rules! stdin_from {
    ($($ty:ty => $bytes:expr;)*) => {$(
        impl From<$ty> for Stdin {
            fn from(value: $ty) -> Self {
                let bytes: fn($ty) -> Vec<u8> = $bytes;
                Self::Bytes(bytes(value).into())
            }
        }
    )*};
}
stdin_from! {
    &str => |text| text.as_bytes().to_vec();
    String => String::into_bytes;
    &String => |text| text.as_bytes().to_vec();
    &[u8] => <[u8]>::to_vec;
    Vec<u8> => |bytes| bytes;
}

impl From<Secret> for Stdin {
    fn from(secret: Secret) -> Self {
        Self::from(&secret)
    }
}

impl From<&Secret> for Stdin {
    fn from(secret: &Secret) -> Self {
        Self::Secret(Secret::new(secret.expose().as_bytes().into()))
    }
}

impl<const N: usize> From<&[u8; N]> for Stdin {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.as_slice().into())
    }
}
