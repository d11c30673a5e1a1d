//! `--output-dir`: what each host prints, in files of its own.
//!
//! Their names cannot lead out of the directory, and nobody else can read them. What is written is what is shown: lines
//! with secrets hidden.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::unwritable::Unwritable;
use crate::event::{Event, EventKind, Reporter, Stream};

/// So much of a file is gathered before it is written; no file is kept open, since there may be more than a process may open.
const GATHERED: usize = 64 << 10;

/// A file's name is not longer, with room for its ending.
const LONGEST: usize = 200;

/// Writes `HOST.out` and `HOST.err` for each host that runs a command.
pub struct Files {
    state: Mutex<State>,
}

struct State {
    directory: PathBuf,
    hosts: HashMap<String, Host>,
    /// The first thing that went wrong; nothing is written after it.
    failed: Option<io::Error>,
    wrong: Box<dyn Write + Send>,
    unwritable: Option<Unwritable>,
}

struct Host {
    name: String,
    gathered: [Vec<u8>; 2],
}

impl Files {
    /// Into a directory, which is made, or is there and empty: files of two runs are never mixed. What goes wrong later is
    /// told to `wrong`, once.
    ///
    /// # Errors
    /// When it cannot be made, or holds anything.
    pub fn new(directory: &Path, wrong: impl Write + Send + 'static) -> io::Result<Self> {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) if std::fs::read_dir(directory)?.next().is_some() => {
                return Err(io::Error::other("it is not empty, and runs are not mixed"));
            }
            _ => {}
        }
        // Wherever the program goes later.
        let directory = directory.canonicalize()?;
        let (hosts, wrong) = (HashMap::new(), Box::new(wrong));
        let state = State { directory, hosts, failed: None, wrong, unwritable: None };
        Ok(Self { state: Mutex::new(state) })
    }

    /// Says what goes wrong, instead of writing it.
    pub(crate) fn on_unwritable(self, unwritable: Unwritable) -> Self {
        self.lock().unwritable = Some(unwritable);
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Files {
    fn event(&self, event: &Event) {
        match &event.kind {
            // A host that prints nothing has empty files.
            EventKind::CommandStarted { host, quiet: false, .. } => self.lock().begin(host),
            EventKind::Line { host, stream, text, .. } => self.lock().line(host, *stream, text),
            EventKind::CommandFinished { host, .. } => self.lock().write(host),
            _ => {}
        }
    }

    fn finish(&self) {
        let mut state = self.lock();
        let hosts: Vec<String> = state.hosts.keys().cloned().collect();
        hosts.iter().for_each(|host| state.write(host));
    }
}

impl State {
    fn begin(&mut self, host: &str) {
        if self.hosts.contains_key(host) || self.failed.is_some() {
            return;
        }
        let mut name = file_name(host);
        if name.len() > LONGEST {
            name.truncate(LONGEST);
            name.push_str(&format!("~{}", self.hosts.len()));
        }
        let made = [Stream::Stdout, Stream::Stderr].into_iter().try_for_each(|stream| {
            let path = self.directory.join(format!("{name}.{}", ending(stream)));
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
        });
        self.hosts.insert(host.to_owned(), Host { name, gathered: Default::default() });
        self.note(made);
    }

    fn line(&mut self, host: &str, stream: Stream, text: &str) {
        self.begin(host);
        if self.failed.is_some() {
            return;
        }
        let Some(known) = self.hosts.get_mut(host) else { return };
        let gathered = &mut known.gathered[stream as usize];
        gathered.extend_from_slice(text.as_bytes());
        gathered.push(b'\n');
        if gathered.len() > GATHERED {
            self.write(host);
        }
    }

    fn write(&mut self, host: &str) {
        let Some(host) = self.hosts.get_mut(host) else { return };
        let mut result = Ok(());
        for stream in [Stream::Stdout, Stream::Stderr] {
            let text = std::mem::take(&mut host.gathered[stream as usize]);
            if !text.is_empty() && self.failed.is_none() && result.is_ok() {
                let path = self.directory.join(format!("{}.{}", host.name, ending(stream)));
                let file = File::options().append(true).open(path);
                result = file.and_then(|mut file| file.write_all(&text));
            }
        }
        self.note(result);
    }

    fn note(&mut self, result: io::Result<()>) {
        let Err(error) = result else { return };
        if self.failed.is_some() {
            return;
        }
        if let Some(unwritable) = &self.unwritable {
            unwritable.note(&error);
        } else {
            let directory = self.directory.display();
            // Standard error is the last resort: there is nowhere to tell that it is gone.
            let _ = writeln!(self.wrong, "cannot write output to {directory}: {error}");
        }
        self.failed = Some(error);
    }
}

fn ending(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "out",
        Stream::Stderr => "err",
    }
}

/// A host's name as a file's: what is more than letters, digits, `.`, `_` and `-` is written as `%` and two digits, so that two
/// hosts never share a file.
fn file_name(host: &str) -> String {
    let mut name = String::with_capacity(host.len());
    for (index, byte) in host.bytes().enumerate() {
        match byte {
            b'.' if index == 0 => name.push_str("%2E"),
            b'-' if index == 0 => name.push_str("%2D"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => name.push(byte.into()),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.is_empty() { "%".to_owned() } else { name }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::tests::Buffer;
    use super::*;

    fn say(files: &Files, host: &str, text: &str) {
        let (host, text) = (host.to_owned(), text.to_owned());
        let kind = EventKind::Line { id: 1, host, stream: Stream::Stdout, text };
        files.event(&Event::new("".into(), kind));
    }

    #[test]
    fn no_name_leads_out_of_the_directory_or_into_another_hosts_file() {
        let names = [
            "../../etc/passwd",
            "..",
            ".",
            "",
            "a/b",
            "a%2Fb",
            "-rf",
            "a b",
            "[::1]:22",
            "A",
            "ü\0",
        ];
        let files: Vec<String> = names.iter().map(|name| file_name(name)).collect();
        for (name, file) in names.iter().zip(&files) {
            assert!(
                !file.contains(['/', '\0']) && !file.starts_with(['.', '-']),
                "{name:?}: {file}"
            );
            assert_eq!(files.iter().filter(|other| *other == file).count(), 1, "{name:?}: {file}");
        }
        assert_eq!(file_name("web-1.example.com"), "web-1.example.com");
    }

    #[test]
    fn long_names_stay_apart() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::new(directory.path(), Buffer::default()).unwrap();
        for end in ["a", "b"] {
            say(&files, &format!("{}{end}", "x".repeat(500)), end);
        }
        files.finish();
        let mut texts: Vec<String> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        texts.sort();
        assert_eq!(texts, ["", "", "a\n", "b\n"]);
    }

    #[test]
    fn what_cannot_be_written_is_told_once() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("out");
        let wrong = Buffer::default();
        let files = Files::new(&directory, wrong.clone()).unwrap();
        let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
        std::fs::remove_dir(&directory).unwrap();
        for text in ["one", "two"] {
            say(&files, "web1", text);
            files.finish();
        }
        assert_eq!(wrong.text().matches("cannot write output to ").count(), 1, "{}", wrong.text());
    }
}
