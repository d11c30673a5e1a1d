//! `--report`: the run as one HTML page, written when it is over.
//!
//! Owns when and how the file is written; what stands in it is `page`'s.

mod page;
mod timeline;

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::record::Record;
use super::unwritable::Unwritable;
use crate::event::{Event, Reporter};

/// Writes a page about the run when it is over: timeline, failures, changes, and what every command printed.
///
/// The page needs nothing beside itself and runs no script. It replaces the file in one step, so whoever looks sees the
/// page of an earlier run or of this one, never a part.
///
/// ```no_run
/// use deploy_core::report::{Coloring, Html, Human, Tee};
/// # fn f() -> std::io::Result<()> {
/// let reporters = Tee::new().and(Human::stdio(Coloring::Auto)).and(Html::new("run.html")?);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Html {
    path: PathBuf,
    record: Mutex<Record>,
    unwritable: Option<Unwritable>,
}

impl Html {
    /// To this file.
    ///
    /// # Errors
    ///
    /// When no file can be made there, which is better known before a long run than after it.
    pub fn new(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        // A link stays one: what it points at is replaced.
        let path = path.canonicalize().unwrap_or(path);
        if path.exists() && !path.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        if path.file_name().is_none() {
            return Err(io::Error::other("it names no file"));
        }
        drop(draft(&path)?);
        Ok(Self { path, record: Mutex::default(), unwritable: None })
    }

    /// Says why when it cannot be written, instead of writing that to standard error.
    pub(crate) fn on_unwritable(mut self, unwritable: Unwritable) -> Self {
        self.unwritable = Some(unwritable);
        self
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut file = draft(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// A file beside `path` that goes away by itself unless it is given that name.
fn draft(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o666))
        .prefix(".deploy.")
        .tempfile_in(directory.unwrap_or(Path::new(".")))
}

impl Reporter for Html {
    fn event(&self, event: &Event) {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).note(event, true);
    }

    fn finish(&self) {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.span.is_none() {
            return;
        }
        let Err(error) = self.write(&page::page(&record)) else { return };
        if let Some(unwritable) = &self.unwritable {
            unwritable.note(&error);
        } else {
            let text = format!("cannot write the report `{}`: {error}\n", self.path.display());
            // Standard error is the last resort: there is nowhere to tell that it is gone.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}
