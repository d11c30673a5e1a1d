//! What is sent: a tar archive with the files below `t/`, and behind them, as the proof that all of it has come, the script that puts
//! them in their places.
//!
//! Large contents are not read here but named, so that they are streamed.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tar::{Builder, EntryType, Header};

use super::local::{Entry, Kind, Tree};
use super::options::SyncOptions;
use super::plan::Plan;
use super::remote::below_top;
use crate::command::{Part, quote};

/// As many bytes of names as one command is given.
const WORDS: usize = 64 << 10;

/// Unpacks standard input beside what is there and puts it in its place: `$1` the directory, `$2` its mode where it is to be made, `$3` its
/// owner. What interrupts that leaves no part of a file and nothing beside it.
pub(super) const APPLY: &str = r#"top=$1 owner=$3
if [ -n "$2" ]; then
  mkdir -p -- "$top" && chmod -- "$2" "$top" || exit
  [ -z "$owner" ] || chown -- "$owner" "$top" || exit
fi
CDPATH= cd -- "$top" || exit
top=$(pwd -P; echo .); top=${top%??}
umask 077; stage=
end() { [ -z "$stage" ] || rm -rf -- "$stage" 2>/dev/null || { chmod -R u+rwx -- "$stage"; rm -rf -- "$stage"; }; }
trap end EXIT
trap '' PIPE
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
stage=$(mktemp -d "$top/.deploy.XXXXXX") || exit
tar -xpof - -C "$stage" || { s=$?; echo "cannot unpack in $top" >&2; exit "$s"; }
[ -f "$stage/commit" ] || { echo "only a part of it arrived" >&2; exit 1; }
sync -f "$stage" 2>/dev/null
no_owner() { echo "cannot give $2 to $1: that takes root, or SyncOptions::owner with whom it may belong to" >&2; exit 1; }
. "$stage/commit""#;

/// The files, as indices of the tree's entries: an archive without its end.
///
/// # Errors
/// When a name is too strange for an archive.
pub(super) fn files(tree: &Tree, indices: &[usize]) -> io::Result<Vec<Part>> {
    let mut parts = Parts { done: Vec::new(), archive: Builder::new(Vec::new()) };
    for &index in indices {
        parts.entry(tree, &tree.entries[index])?;
    }
    parts.flush();
    Ok(parts.done)
}

/// The end of the archive: the script that puts the files in their places.
///
/// # Errors
/// Never, as far as is known.
pub(super) fn end(tree: &Tree, plan: &Plan, options: &SyncOptions) -> io::Result<Part> {
    let commit = commit(tree, plan, options);
    let mut header = header(EntryType::Regular, 0o600, 0);
    header.set_size(commit.len() as u64);
    let mut archive = Builder::new(Vec::new());
    archive.append_data(&mut header, "commit", &commit[..])?;
    Ok(Part::Bytes(archive.into_inner()?.into()))
}

/// An archive under way: what is in memory since the last large file, and everything before that.
struct Parts {
    done: Vec<Part>,
    archive: Builder<Vec<u8>>,
}

impl Parts {
    fn entry(&mut self, tree: &Tree, entry: &Entry) -> io::Result<()> {
        let path = [b"t/", &entry.path[..]].concat();
        let path = Path::new(std::ffi::OsStr::from_bytes(&path));
        match &entry.kind {
            Kind::Directory => {
                // Its own user must be able to fill and to move it; what it lacks of that is for the end.
                let mut header = header(EntryType::Directory, entry.mode | 0o700, entry.modified);
                self.archive.append_data(&mut header, path, io::empty())
            }
            Kind::Link(target) => {
                let mut header = header(EntryType::Symlink, 0o777, entry.modified);
                let target = Path::new(std::ffi::OsStr::from_bytes(target));
                self.archive.append_link(&mut header, path, target)
            }
            Kind::File { size, content, .. } => {
                let mut header = header(EntryType::Regular, entry.mode, entry.modified);
                header.set_size(*size);
                if let Some(content) = content {
                    return self.archive.append_data(&mut header, path, &content[..]);
                }
                self.archive.append_data(&mut header, path, io::empty())?;
                self.stream(tree, entry, *size);
                Ok(())
            }
        }
    }

    /// The content of a file follows, and what fills up its last block.
    fn stream(&mut self, tree: &Tree, entry: &Entry, size: u64) {
        self.flush();
        self.done.push(Part::File { path: tree.local(entry), len: size });
        let filling = usize::try_from((512 - size % 512) % 512).unwrap_or_default();
        self.archive.get_mut().resize(filling, 0);
    }

    fn flush(&mut self) {
        let so_far = std::mem::take(self.archive.get_mut());
        self.done.push(Part::Bytes(so_far.into()));
    }
}

fn header(kind: EntryType, mode: u32, modified: i64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(u64::try_from(modified).unwrap_or_default());
    header.set_size(0);
    header
}

/// The script behind the files: `$stage` is where they are, the directory is the current one and `$top`.
fn commit(tree: &Tree, plan: &Plan, options: &SyncOptions) -> Vec<u8> {
    let mut script = Vec::new();
    if let Some(owner) = &options.owner
        && !plan.send.is_empty()
    {
        let words = quoted(owner.as_bytes());
        script.extend(line(&[
            b"chown -hR -- ",
            &words,
            b" \"$stage/t\" || no_owner ",
            &words,
            b" it",
        ]));
    }
    for ((uid, gid), paths) in &plan.keep_owner {
        let owner = format!("{uid}:{gid}").into_bytes();
        let start = [b"chown -h -- ", &owner[..]].concat();
        let end = [b" || no_owner ", &owner[..], b" \"what belonged to it\""].concat();
        let paths = paths.iter().map(|path| staged(path));
        commands(&mut script, &start, paths, &end);
    }
    commands(&mut script, b"rm -rf --", plan.in_the_way.iter().map(|it| there(it)), b" || exit");
    for (directory, names) in &plan.moves {
        let enter = [b"( cd -- ", &staged(directory)[..], b" || exit\n"].concat();
        let to =
            [b"\"$top\"/", &quoted(&[&directory[..], b"/"].concat())[..], b" || exit"].concat();
        let to = [b" ", &to[..]].concat();
        script.extend(enter);
        commands(&mut script, b"mv -f --", names.iter().map(|it| there(it)), &to);
        script.extend_from_slice(b") || exit\n");
    }
    if let Some(owner) = &options.owner {
        let owner = quoted(owner.as_bytes());
        let start = [b"chown -h -- ", &owner[..]].concat();
        let end = [b" || no_owner ", &owner[..], b" \"what is there\""].concat();
        commands(&mut script, &start, plan.owners.iter().map(|it| there(it)), &end);
    }
    for (mode, paths) in &plan.modes {
        let start = format!("chmod -- {mode:o}").into_bytes();
        commands(&mut script, &start, paths.iter().map(|it| there(it)), b" || exit");
    }
    commands(&mut script, b"rm -rf --", plan.delete.iter().map(|it| there(it)), b" || exit");
    let sent = plan.send.iter().map(|index| &tree.entries[*index]);
    let closed = sent.filter(|it| matches!(it.kind, Kind::Directory) && it.mode & 0o700 != 0o700);
    // What is in a directory comes first.
    for entry in closed.collect::<Vec<_>>().into_iter().rev() {
        let start = format!("chmod -- {:o}", entry.mode).into_bytes();
        commands(&mut script, &start, [there(&entry.path)], b" || exit");
    }
    script.extend_from_slice(b":\n");
    script
}

/// Where something is that has come, as a word.
fn staged(path: &[u8]) -> Vec<u8> {
    [b"\"$stage\"/t/", &quoted(path)[..]].concat()
}

/// Where something is in the directory, as a word.
fn there(path: &[u8]) -> Vec<u8> {
    quoted(&below_top(path))
}

fn quoted(word: &[u8]) -> Vec<u8> {
    quote::quoted(word)
}

fn line(pieces: &[&[u8]]) -> Vec<u8> {
    let mut line = pieces.concat();
    line.push(b'\n');
    line
}

/// Appends a command for all of `words`, or several where they are too many for one.
fn commands(
    script: &mut Vec<u8>,
    start: &[u8],
    words: impl IntoIterator<Item = Vec<u8>>,
    end: &[u8],
) {
    let mut words = words.into_iter().peekable();
    while words.peek().is_some() {
        let begin = script.len();
        script.extend_from_slice(start);
        while script.len() - begin < WORDS
            && let Some(word) = words.next()
        {
            script.push(b' ');
            script.extend_from_slice(&word);
        }
        script.extend_from_slice(end);
        script.push(b'\n');
    }
}
