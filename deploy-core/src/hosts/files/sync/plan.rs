//! What is missing on a host: a pure function of what is here and what is there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::local::{Entry, Kind, Tree};
use super::options::{Compare, Delete, SyncOptions};
use super::remote::{Found, There, ThereKind};

/// What is to be done on one host.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the directory itself is to be made.
    pub(super) make_top: bool,
    /// What is sent, as indices of the tree's entries, in their order.
    pub(super) send: Vec<usize>,
    /// What takes its place in a directory that is there: names by directory, the top being the empty path. What is below a new directory comes
    /// with it.
    pub(super) moves: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// What is in the place of something of another kind, and goes right before that comes.
    pub(super) in_the_way: Vec<Vec<u8>>,
    /// The owner that a replaced file had, to be kept: numbers of user and group.
    pub(super) keep_owner: BTreeMap<(u32, u32), Vec<Vec<u8>>>,
    /// What only needs other permission bits.
    pub(super) modes: BTreeMap<u32, Vec<Vec<u8>>>,
    /// What only needs another owner.
    pub(super) owners: Vec<Vec<u8>>,
    /// What goes, each with all that is in it.
    pub(super) delete: Vec<Vec<u8>>,
    /// Files that are there as well with another content, as indices; for diffs.
    pub(super) changed: Vec<usize>,
    /// What changes, in words, with the path below the directory in front.
    pub(super) lines: Vec<String>,
}

/// A whole new directory is told as one line.
struct NewDirectory {
    path: Vec<u8>,
    files: usize,
}

impl Plan {
    /// Compares.
    ///
    /// # Errors
    /// When something would have to go that may not.
    pub(super) fn new(tree: &Tree, found: &Found, options: &SyncOptions) -> Result<Self, String> {
        let mut plan = Self { make_top: !found.exists, ..Self::default() };
        let extra = Extra::of(tree, found, options);
        let mut new_directories: HashSet<&[u8]> = HashSet::new();
        let mut new: Vec<NewDirectory> = Vec::new();
        for (index, entry) in tree.entries.iter().enumerate() {
            let (parent, name) = split(&entry.path);
            let is_directory = matches!(entry.kind, Kind::Directory);
            if new_directories.contains(parent) {
                plan.send.push(index);
                match is_directory {
                    true => _ = new_directories.insert(&entry.path),
                    false => new.last_mut().into_iter().for_each(|it| it.files += 1),
                }
                continue;
            }
            let there = found.entries.get(&entry.path);
            if let Some(there) = there
                && is_same(entry, there, options.compare)
            {
                plan.attributes(entry, there, options);
                continue;
            }
            plan.clear_the_way(entry, there, &extra)?;
            plan.send.push(index);
            plan.moves.entry(parent.to_vec()).or_default().push(name.to_vec());
            match there {
                _ if is_directory => {
                    new_directories.insert(&entry.path);
                    new.push(NewDirectory { path: entry.path.clone(), files: 0 });
                    continue;
                }
                Some(there) => {
                    plan.replace(index, entry, there, found, options);
                }
                None => plan.line(&entry.path, new_words(entry)),
            }
        }
        for NewDirectory { path, files } in new {
            let count = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
            plan.line(&[&path[..], b"/"].concat(), format!("new, {count}"));
        }
        plan.delete = extra.deletable();
        for path in std::mem::take(&mut plan.delete) {
            if plan.in_the_way.iter().any(|gone| is_below(&path, gone)) {
                continue;
            }
            plan.line(&path, "deleted".to_owned());
            plan.delete.push(path);
        }
        Ok(plan)
    }

    /// Whether nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn line(&mut self, path: &[u8], what: String) {
        let path = String::from_utf8_lossy(path).replace(char::is_control, "?");
        self.lines.push(format!("{path}: {what}"));
    }

    /// Owner and mode of what is otherwise the same.
    fn attributes(&mut self, entry: &Entry, there: &There, options: &SyncOptions) {
        let is_link = matches!(entry.kind, Kind::Link(_));
        // A directory may inherit its set-group-ID bit, which a plain mode does not take away.
        let inherits = entry.mode & 0o7000 == 0 && matches!(entry.kind, Kind::Directory);
        let mode = if inherits { there.mode & 0o777 } else { there.mode };
        if !is_link && entry.mode != mode {
            self.line(&entry.path, format!("mode {:04o} becomes {:04o}", there.mode, entry.mode));
            self.modes.entry(entry.mode).or_default().push(entry.path.clone());
        }
        if let Some(owner) = &options.owner
            && !belongs_to(there, owner)
        {
            self.line(
                &entry.path,
                format!("owner {}:{} becomes {owner}", there.owner, there.group),
            );
            self.owners.push(entry.path.clone());
        }
    }

    /// Whatever is in the place of something of another kind has to go first.
    fn clear_the_way(
        &mut self,
        entry: &Entry,
        there: Option<&There>,
        extra: &Extra<'_>,
    ) -> Result<(), String> {
        let Some(there) = there else { return Ok(()) };
        let is_directory = matches!(entry.kind, Kind::Directory);
        let shown = String::from_utf8_lossy(&entry.path);
        match (there.kind, is_directory) {
            (ThereKind::Directory, false) if !extra.may_go => Err(format!(
                "{shown} is a directory there and none here; it is replaced only with Delete::Extra"
            )),
            (ThereKind::Directory, false) if extra.holds.contains(&entry.path) => Err(format!(
                "{shown} is a directory there and none here, and holds what is excluded"
            )),
            (ThereKind::Directory, false) | (_, true) => {
                self.in_the_way.push(entry.path.clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Something that is there in another form.
    fn replace(
        &mut self,
        index: usize,
        entry: &Entry,
        there: &There,
        found: &Found,
        options: &SyncOptions,
    ) {
        let both_files = there.kind == ThereKind::File && matches!(entry.kind, Kind::File { .. });
        let owner = (there.uid, there.gid);
        if options.owner.is_none() && both_files && owner != (found.uid, found.gid) {
            self.keep_owner.entry(owner).or_default().push(entry.path.clone());
        }
        match &entry.kind {
            Kind::File { size, .. } if both_files => {
                self.changed.push(index);
                self.line(
                    &entry.path,
                    format!("content changed ({} becomes {size} bytes)", there.size),
                );
            }
            Kind::Link(target) => {
                let target = String::from_utf8_lossy(target);
                self.line(&entry.path, format!("becomes a link to {target}"));
            }
            _ => self.line(&entry.path, "becomes a file".to_owned()),
        }
    }
}

fn new_words(entry: &Entry) -> String {
    match &entry.kind {
        Kind::Link(target) => format!("new, a link to {}", String::from_utf8_lossy(target)),
        _ => format!("new, {} bytes", entry.size()),
    }
}

fn is_same(entry: &Entry, there: &There, compare: Compare) -> bool {
    match (&entry.kind, there.kind) {
        (Kind::Directory, ThereKind::Directory) => true,
        (Kind::Link(target), ThereKind::Link) => there.target.as_ref() == Some(target),
        (Kind::File { size, sum, .. }, ThereKind::File) => {
            *size == there.size
                && match compare {
                    Compare::Content => sum.is_some() && *sum == there.sum,
                    Compare::SizeAndTime => entry.modified == there.modified,
                }
        }
        _ => false,
    }
}

/// Whether it belongs to `owner`, which is as `chown` takes it.
fn belongs_to(there: &There, owner: &str) -> bool {
    let (user, group) = owner.split_once(':').unwrap_or((owner, ""));
    let is = |wanted: &str, name: &str, id: u32| {
        wanted.is_empty() || wanted == name || wanted.parse() == Ok(id)
    };
    is(user, &there.owner, there.uid) && is(group, &there.group, there.gid)
}

/// The directory of a path, and its name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}

fn is_below(path: &[u8], above: &[u8]) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.first() == Some(&b'/'))
}

/// What is there and not here.
struct Extra<'a> {
    may_go: bool,
    paths: BTreeSet<&'a [u8]>,
    /// Directories that hold something which stays.
    holds: HashSet<Vec<u8>>,
}

impl<'a> Extra<'a> {
    fn of(tree: &Tree, found: &'a Found, options: &SyncOptions) -> Self {
        let here: HashSet<&[u8]> = tree.entries.iter().map(|entry| &entry.path[..]).collect();
        let mut extra = Self {
            may_go: options.delete == Delete::Extra,
            paths: BTreeSet::new(),
            holds: HashSet::new(),
        };
        if !extra.may_go {
            return extra;
        }
        for path in &found.all {
            // What is only named cannot be told from a directory; a pattern for directories alone keeps a file of that name as well.
            if stays(path, options) {
                extra.hold(path);
            } else if !here.contains(&path[..]) {
                extra.paths.insert(path);
            }
        }
        extra
    }

    /// Every directory above it stays.
    fn hold(&mut self, path: &[u8]) {
        let mut above = split(path).0;
        while !above.is_empty() && self.holds.insert(above.to_vec()) {
            above = split(above).0;
        }
    }

    /// What goes as a whole: no more than the topmost of each.
    fn deletable(&self) -> Vec<Vec<u8>> {
        let mut delete: Vec<Vec<u8>> = Vec::new();
        let mut deleted: HashSet<&[u8]> = HashSet::new();
        for path in &self.paths {
            if self.holds.contains(*path) {
                continue;
            }
            if !deleted.contains(split(path).0) {
                delete.push(path.to_vec());
            }
            deleted.insert(path);
        }
        delete
    }
}

/// Whether a path, or a directory above it, is excluded, or is something that is just being written.
fn stays(path: &[u8], options: &SyncOptions) -> bool {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    let mut prefixes = ends.map(|end| &path[..end]).chain([path]);
    prefixes.any(|prefix| {
        let name = split(prefix).1;
        options.exclude.contains(prefix, true) || is_staging(name)
    })
}

/// Names of what `mktemp` makes for us.
fn is_staging(name: &[u8]) -> bool {
    name.strip_prefix(b".deploy.")
        .is_some_and(|rest| rest.len() == 6 && rest.iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests;
