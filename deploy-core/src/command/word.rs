//! How a Rust value becomes words of a command.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Cmd, RemotePath, Secret, quote};

/// Collects the words that one `{value}` of `cmd!` stands for.
#[derive(Debug, Default)]
pub struct Words {
    pub(super) words: Vec<Word>,
    /// Whether what is added is part of a secret.
    hiding: bool,
}

/// One word: shell source that is already quoted.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) source: Vec<u8>,
    /// The values in it that are never shown.
    pub(super) secrets: Vec<Arc<[u8]>>,
}

impl Words {
    /// Adds one word, whatever bytes it holds. A NUL cannot be passed to a program and is reported
    /// when the command runs.
    pub fn push(&mut self, value: &[u8]) {
        let secrets = if self.hiding { vec![value.into()] } else { Vec::new() };
        self.words.push(Word { source: quote::quoted(value), secrets });
    }

    /// Adds a word that is never shown.
    pub fn push_secret(&mut self, value: &[u8]) {
        self.words.push(Word { source: quote::quoted(value), secrets: vec![value.into()] });
    }

    fn push_source(&mut self, source: Vec<u8>) {
        let secrets = if self.hiding { vec![source.as_slice().into()] } else { Vec::new() };
        self.words.push(Word { source, secrets });
    }
}

/// A value that can stand in a command: one word for a scalar, several for a list.
///
/// Implemented for text, paths, numbers, `bool`, `char`, [`RemotePath`], [`Secret`], references
/// and boxes of these, `Option` (no word when `None`), and slices, arrays, `Vec` and other collections of these.
/// Anything else can be passed as text: `{x}` with `let x = x.to_string()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a command",
    label = "not text, a path, a number, a `RemotePath`, a `Secret`, or a list of these",
    note = "pass it as text, e.g. `let value = value.to_string();`"
)]
pub trait ToWords {
    /// Appends this value's words.
    fn to_words(&self, words: &mut Words);
}

/// A value that can stand in a command as it is, `{x:raw}`: whatever has one text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a command unquoted",
    label = "has no text of its own: it is not `Display`",
    note = "without `:raw` a list becomes several words, and a secret is passed and never shown"
)]
pub trait ToRaw {
    /// The text.
    fn to_raw(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: std::fmt::Display + ?Sized> ToRaw for T {
    fn to_raw(&self) -> String {
        self.to_string()
    }
}

macro_rules! words_by_display {
    ($($ty:ty)*) => {$(
        impl ToWords for $ty {
            fn to_words(&self, words: &mut Words) {
                words.push(self.to_string().as_bytes());
            }
        }
    )*};
}
words_by_display!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char
    std::net::IpAddr std::net::Ipv4Addr std::net::Ipv6Addr std::net::SocketAddr
    std::num::NonZeroU16 std::num::NonZeroU32 std::num::NonZeroU64 std::num::NonZeroUsize);

macro_rules! words_by_bytes {
    ($($ty:ty => $bytes:expr;)*) => {$(
        impl ToWords for $ty {
            fn to_words(&self, words: &mut Words) {
                let bytes: fn(&$ty) -> &[u8] = $bytes;
                words.push(bytes(self));
            }
        }
    )*};
}
words_by_bytes! {
    str => |s| s.as_bytes();
    String => |s| s.as_bytes();
    OsStr => |s| s.as_bytes();
    OsString => |s| s.as_bytes();
    Path => |p| p.as_os_str().as_bytes();
    PathBuf => |p| p.as_os_str().as_bytes();
    std::ffi::CStr => |s| s.to_bytes();
    std::ffi::CString => |s| s.to_bytes();
}

impl ToWords for RemotePath {
    fn to_words(&self, words: &mut Words) {
        words.push_source(self.to_shell());
    }
}

impl<T: ToWords> ToWords for Secret<T> {
    fn to_words(&self, words: &mut Words) {
        let outer = std::mem::replace(&mut words.hiding, true);
        self.expose().to_words(words);
        words.hiding = outer;
    }
}

/// A command inside a command is one word: its whole text, as for `sh -c {script}`.
impl ToWords for Cmd {
    fn to_words(&self, words: &mut Words) {
        let source = self.source();
        let mut secrets = self.secrets_of_source();
        if words.hiding {
            secrets.push(source.as_slice().into());
        }
        words.words.push(Word { source: quote::quoted(&source), secrets });
    }
}

impl<T: ToWords> ToWords for Option<T> {
    fn to_words(&self, words: &mut Words) {
        if let Some(value) = self {
            value.to_words(words);
        }
    }
}

impl ToWords for std::borrow::Cow<'_, str> {
    fn to_words(&self, words: &mut Words) {
        words.push(self.as_bytes());
    }
}

macro_rules! words_by_deref {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> ToWords for $ty {
            fn to_words(&self, words: &mut Words) {
                (**self).to_words(words);
            }
        }
    )*};
}
words_by_deref! {
    [T: ToWords + ?Sized] &T;
    [T: ToWords + ?Sized] &mut T;
    [T: ToWords + ?Sized] Box<T>;
    [T: ToWords + ?Sized] Arc<T>;
    [T: ToWords + ?Sized] std::rc::Rc<T>;
}

macro_rules! words_by_iter {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<T: ToWords, $($generics)*> ToWords for $ty {
            fn to_words(&self, words: &mut Words) {
                for item in self {
                    item.to_words(words);
                }
            }
        }
    )*};
}
words_by_iter! {
    [] [T];
    [] Vec<T>;
    [const N: usize] [T; N];
    [] std::collections::BTreeSet<T>;
    [] std::collections::VecDeque<T>;
    [S] std::collections::HashSet<T, S>;
}
