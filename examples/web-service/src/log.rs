//! Lines on stderr. Owns the promise that a line is written whole and that a closed stderr
//! stops nothing; knows nothing of what is said.

use std::fmt;
use std::io::Write as _;

/// Writes one line to stderr in one call, so that lines of two processes do not mix.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    // A service whose log is gone still serves.
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}
